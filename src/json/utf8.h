/* Incremental UTF-8 validation (RFC 3629): a character may be split between two calls. */
#ifndef PGCOCO_JSON_UTF8_H
#define PGCOCO_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: at the start of a text, between two characters. */
struct utf8 {
    uint8_t missing; /* continuation bytes still to come */
    uint8_t low;     /* range of the next one: rules out overlong forms and surrogates */
    uint8_t high;
    bool multibyte; /* a character above U+007F has begun */
};

/* Returns how many of the bytes are valid: len, or the index of the first that is not. A NUL byte
 * counts as invalid: JSON has no use for it and jsmn stops at it. */
size_t utf8_check(struct utf8 *state, const char *bytes, size_t len);

#endif
