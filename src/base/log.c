/* Log lines: see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Copies text with everything but printable ASCII as \xNN; cuts at room. Returns the length. */
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

void log_line(const char *level, const char *format, ...) {
    char text[1200];
    char line[2400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);

    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
    len += (size_t)snprintf(line + len, sizeof line - len,
                            ".%03ldZ pgcoco[%d] %s: ", now.tv_nsec / 1000000, (int)getpid(), level);
    len += escape(text, line + len, sizeof line - len - 1);
    line[len++] = '\n';
    /* One write, so that lines of many threads and processes do not mix. There is nowhere to
     * report that a log line could not be written. */
    if (write(STDERR_FILENO, line, len) < 0) return;
}
