/* Makes text printable: see printable.h. */
#include "base/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Reads a character of n > 1 bytes. Returns 0 if that is not what stands there. */
static uint32_t read_bytes(const unsigned char *p, size_t left, size_t n, uint32_t least) {
    uint32_t c = p[0] & (0x7fU >> n);
    if (left < n) return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    return c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : c;
}

/* Returns the character at p and its length; 0 and a length of 1 if it is not UTF-8. */
static uint32_t read_character(const unsigned char *p, size_t left, size_t *len) {
    uint32_t c = 0;
    *len = 1;
    if (p[0] < 0x80) return p[0];
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] >= 0xc2 && p[0] <= 0xf4) {
        c = read_bytes(p, left, n, n == 4 ? 0x10000 : n == 3 ? 0x800 : 0x80);
    }
    if (c) *len = n;
    return c;
}

static bool is_shown(uint32_t c) {
    bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
    bool turns = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                 (c >= 0x2066 && c <= 0x2069);
    return !control && !turns;
}

const char *printable(struct slice text, char *into, size_t room) {
    static const char dots[] = "...";
    const unsigned char *p = (const unsigned char *)text.data;
    size_t used = 0;
    size_t cut = 0; /* the last place where dots fit */
    for (size_t i = 0, len; i < text.len; i += len) {
        bool shown = is_shown(read_character(p + i, text.len - i, &len));
        size_t more = shown ? len : 1;
        if (used + sizeof dots <= room) cut = used;
        if (used + more >= room) {
            memcpy(into + cut, dots, sizeof dots);
            return into;
        }
        memcpy(into + used, shown ? text.data + i : "?", more);
        used += more;
    }
    into[used] = '\0';
    return into;
}
