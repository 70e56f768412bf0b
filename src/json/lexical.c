/* The lexical rules of RFC 8259: see lexical.h. */
#include "json/lexical.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "json/decimal.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool lexical_is_number(const char *text, size_t len, const char *limit) {
    const char *p = text;
    struct decimal ignored;
    return decimal_take(&p, limit, &ignored) && p == text + len;
}

/* True if the string that starts with the quote at p is still open at end and valid so far. */
static bool is_open_string(const char *p, const char *end) {
    for (p++; p < end; p++) {
        if (*p == '"') return false;
        if (*p != '\\' || ++p == end) continue;
        if (!strchr("\"\\/bfnrtu", *p)) return false;
        for (int i = 0; *p == 'u' && i < 4 && p + 1 + i < end; i++) {
            if (!isxdigit((unsigned char)p[1 + i])) return false;
        }
    }
    return true;
}

bool lexical_is_cut(const char *text, size_t len) {
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
    if (*text == '"') return is_open_string(text, text + len);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (len < strlen(words[i]) && memcmp(text, words[i], len) == 0) return true;
    }
    const char *p = text;
    struct decimal ignored;
    return !decimal_take(&p, text + len, &ignored) && p == text + len && !is_digit(p[-1]);
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

/* True if any of eight bytes is below 0x20 or a backslash. May be true for other bytes, too; the
 * caller then looks at them one by one. */
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
