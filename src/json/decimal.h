/*
 * A number's text as what it says: digits × 10^exponent. The grammar of numbers, RFC 8259 section
 * 6, is here and nowhere else; what a number is rounded to is the business of number.h.
 */
#ifndef PGCOCO_JSON_DECIMAL_H
#define PGCOCO_JSON_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

struct decimal {
    uint64_t digits; /* without sign and leading zeros */
    int exponent;
    bool negative;
    bool exact; /* digits and exponent say all there is to say */
};

/* Moves *p over a number and fills *d; not exact if it has more digits than surely fit: then only
 * its sign holds. False, with *p where it stops being a number, which may be limit. */
bool decimal_take(const char **p, const char *limit, struct decimal *d);

/* The number from text to end (one that decimal_take has taken), with any number of digits: exact
 * if those that do not fit are zeros, else the digits beyond are left out. */
struct decimal decimal_long(const char *text, const char *end);

#endif
