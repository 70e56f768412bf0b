/* Makes text from outside fit for a message: see shown.h. */
#include "base/shown.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Returns how many bytes a character has by its first byte; 0 if that is not a first byte. */
static size_t length_of(unsigned char c) {
    if (c < 0x80) return 1;
    if (c < 0xc2 || c > 0xf4) return 0;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Returns the length of the character at the start of the text and sets *c; 0 if it is not valid
 * UTF-8 (RFC 3629). */
static size_t decode(struct slice text, uint32_t *c) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text.data[0];
    size_t len = length_of(first);
    if (len == 0 || len > text.len) return 0;
    *c = len == 1 ? first : first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)text.data[i];
        if ((next & 0xc0) != 0x80) return 0;
        *c = *c << 6 | (next & 0x3fu);
    }
    bool good = *c >= least[len] && *c <= 0x10ffff && !(*c >= 0xd800 && *c <= 0xdfff);
    return good ? len : 0;
}

/* Control characters, line separators, and the invisible characters that turn the direction of
 * text around. */
static bool is_plain(uint32_t c) {
    return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) && !(c >= 0x200b && c <= 0x200f) &&
           !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff;
}

const char *shown_in(struct slice text, char *into, size_t room) {
    /* What is shown is never longer than the text. */
    size_t limit = text.len < room ? room - 1 : room - sizeof "...";
    size_t len = 0;
    while (text.len > 0) {
        uint32_t c = 0;
        size_t step = decode(text, &c);
        bool plain = step > 0 && is_plain(c);
        size_t put = plain ? step : 1;
        if (step == 0) step = 1;
        if (len + put > limit) break;
        memcpy(into + len, plain ? text.data : "?", put);
        len += put;
        text.data += step;
        text.len -= step;
    }
    into[len] = '\0';
    if (text.len > 0) memcpy(into + len, "...", sizeof "...");
    return into;
}

const char *shown(const char *text, char into[SHOWN_ROOM]) {
    return shown_in((struct slice){text, strlen(text)}, into, SHOWN_ROOM);
}
