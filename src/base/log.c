/* Writes log lines: see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Copies text, with \xNN for everything but printable ASCII; cuts at `room`. Returns the length. */
static size_t escape(const char *text, char *into, size_t room) {
    static const char hex[] = "0123456789abcdef";
    size_t len = 0;
    for (; *text && len + 4 < room; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c < 0x7f && c != '\\') {
            into[len++] = (char)c;
        } else {
            into[len++] = '\\';
            into[len++] = 'x';
            into[len++] = hex[c >> 4];
            into[len++] = hex[c & 15];
        }
    }
    return len;
}

static const char *name_of(enum log_level level) {
    switch (level) {
    case LOG_LEVEL_ERROR:
        return "error";
    case LOG_LEVEL_WARNING:
        return "warning";
    default:
        return "info";
    }
}

/* True if standard error is a stream to systemd's journal. JOURNAL_STREAM names that stream; a
 * child process may have another standard error. */
static bool is_journal(void) {
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat errors;
    char text[64];
    if (!stream || fstat(STDERR_FILENO, &errors) != 0) return false;
    snprintf(text, sizeof text, "%ju:%ju", (uintmax_t)errors.st_dev, (uintmax_t)errors.st_ino);
    return strcmp(stream, text) == 0;
}

static size_t write_time(char *into, size_t room) {
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(into, room, "%Y-%m-%dT%H:%M:%S", &utc);
    return len + (size_t)snprintf(into + len, room - len, ".%03ldZ", now.tv_nsec / 1000000);
}

static size_t write_head(enum log_level level, char *into, size_t room) {
    if (is_journal()) return (size_t)snprintf(into, room, "<%d>", (int)level);
    size_t len = write_time(into, room);
    return len + (size_t)snprintf(into + len, room - len, " pgcoco[%d] %s: ", (int)getpid(),
                                  name_of(level));
}

void log_line(enum log_level level, const char *format, ...) {
    char text[1200];
    char line[2400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);

    size_t len = write_head(level, line, sizeof line);
    len += escape(text, line + len, sizeof line - len - 1);
    line[len++] = '\n';
    /* One write per line, so that lines of several threads and processes do not mix. If it fails
     * there is nowhere to report it. */
    if (write(STDERR_FILENO, line, len) < 0) return;
}
