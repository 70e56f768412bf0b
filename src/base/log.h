/*
 * Writes one line per event to standard error. If that is systemd's journal, the line begins with
 * its priority (sd-daemon(3)), and the journal adds time and process. Everything but printable
 * ASCII is escaped, so that text from outside cannot forge or break a line.
 */
#ifndef PGCOCO_BASE_LOG_H
#define PGCOCO_BASE_LOG_H

enum log_level { /* numbers of syslog(3) */
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_INFO = 6
};

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
