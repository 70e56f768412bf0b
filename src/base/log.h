/*
 * One line per event on standard error, for whoever runs the service. Everything that is not
 * printable ASCII is escaped, so no text from outside can forge or break a line.
 */
#ifndef PGCOCO_BASE_LOG_H
#define PGCOCO_BASE_LOG_H

void log_line(const char *level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_info(...) log_line("info", __VA_ARGS__)
#define log_warning(...) log_line("warning", __VA_ARGS__)
#define log_error(...) log_line("error", __VA_ARGS__)

#endif
