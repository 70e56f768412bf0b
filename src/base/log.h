/*
 * One line per event on standard error, for whoever runs the service. Where standard error is
 * systemd's journal, a line begins with its priority (see sd-daemon(3)), and the journal adds time
 * and process. Everything that is not printable ASCII is escaped, so no text from outside can forge
 * or break a line.
 */
#ifndef PGCOCO_BASE_LOG_H
#define PGCOCO_BASE_LOG_H

enum log_level { /* as syslog(3) numbers them */
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_INFO = 6
};

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
