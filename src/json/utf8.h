/* Validates UTF-8 (RFC 3629) piece by piece; a character may be split between two calls. */
#ifndef PGCOCO_JSON_UTF8_H
#define PGCOCO_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero at the start of a text, and between characters unless `multibyte` is set. */
struct utf8 {
    uint8_t missing; /* continuation bytes still to come */
    uint8_t low;     /* range of the next one; excludes overlong forms and surrogates */
    uint8_t high;
    bool multibyte; /* the text has a character above U+007F */
};

/* Returns how many of the bytes are valid: len, or the index of the first invalid one. NUL counts
 * as invalid: JSON does not allow it, and jsmn stops at it. */
size_t utf8_check(struct utf8 *state, const char *bytes, size_t len);

#endif
