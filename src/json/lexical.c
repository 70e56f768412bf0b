/* The lexical rules of RFC 8259: see lexical.h. */
#include "json/lexical.h"

#include <stdint.h>
#include <string.h>

static const char *digits(const char *p, const char *end) {
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p;
}

bool lexical_is_number(const char *text, size_t len) {
    const char *p = text;
    const char *end = text + len;
    if (p < end && *p == '-') p++;
    const char *start = p;
    p = digits(p, end);
    if (p == start || (*start == '0' && p - start > 1)) return false;
    if (p < end && *p == '.') {
        start = ++p;
        p = digits(p, end);
        if (p == start) return false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        start = p;
        p = digits(p, end);
        if (p == start) return false;
    }
    return p == end;
}

int lexical_non_finite(const char *text, size_t len) {
    static const char *const literals[] = {"NaN", "Infinity"};
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        size_t whole = strlen(literals[i]);
        if (memcmp(text, literals[i], len < whole ? len : whole) == 0) {
            return len < whole ? -1 : (int)whole;
        }
    }
    return 0;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether any of eight bytes is below 0x20 or a backslash (may say so too often, never too
 * seldom). */
static bool word_is_special(uint64_t word) {
    uint64_t slash = word ^ EACH('\\');
    return (((word - EACH(0x20)) & ~word) | ((slash - EACH(1)) & ~slash)) & EACH(0x80);
}

size_t lexical_string(const char *text, size_t len, bool *escaped) {
    *escaped = false;
    size_t i = 0;
    while (i < len) {
        uint64_t word;
        if (i + 8 <= len) {
            memcpy(&word, text + i, 8);
            if (!word_is_special(word)) {
                i += 8;
                continue;
            }
        }
        if ((unsigned char)text[i] < 0x20) return i;
        if (text[i] == '\\') *escaped = true;
        i++;
    }
    return len;
}
