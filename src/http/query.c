/* Parses the query string of a request: see query.h. */
#include "http/query.h"

#include <string.h>

bool query_next(const char **rest, struct slice *name, struct slice *value) {
    const char *pair = *rest + strspn(*rest, "&");
    const char *end = strchrnul(pair, '&');
    const char *equals = memchr(pair, '=', (size_t)(end - pair));
    const char *name_end = equals ? equals : end;
    const char *start = equals ? equals + 1 : end;
    *rest = end;
    *name = (struct slice){pair, (size_t)(name_end - pair)};
    *value = (struct slice){start, (size_t)(end - start)};
    return end > pair;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX. Returns -1 if it is malformed. */
static int unescape(const char *p, const char *end) {
    int high = end - p > 2 ? hex_value(p[1]) : -1;
    int low = end - p > 2 ? hex_value(p[2]) : -1;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool query_decode(struct slice text, char *into, size_t room) {
    const char *end = text.data + text.len;
    size_t len = 0;
    for (const char *p = text.data; p < end; p++) {
        int c = *p == '+' ? ' ' : *p;
        if (*p == '%' && p + 1 < end) {
            c = unescape(p, end);
            if (c < 0) return false;
            p += 2;
        }
        if (c == '\0' || len + 1 >= room) return false;
        into[len++] = (char)c;
    }
    into[len] = '\0';
    return true;
}
