/*
 * Parses the text of a number into digits * 10^exponent. This is the only place that knows the
 * grammar of numbers (RFC 8259 section 6); number.h rounds the result.
 */
#ifndef PGCOCO_JSON_DECIMAL_H
#define PGCOCO_JSON_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

struct decimal {
    uint64_t digits; /* without sign and leading zeros */
    int exponent;
    bool negative;
    bool exact; /* digits and exponent are the whole number */
};

/* Parses a number at *p and moves *p past it. d->exact is false if it has more than 19 digits: of
 * *d only the sign is then valid; use decimal_long. False if this is not a number; *p is then at
 * the first byte that does not belong, or at limit. */
bool decimal_take(const char **p, const char *limit, struct decimal *d);

/* Parses a number of any length, which decimal_take has accepted. Digits that do not fit 64 bits
 * are dropped; d.exact is false if one of them is not zero. */
struct decimal decimal_long(const char *text, const char *end);

#endif
