/* Reads digits and exponent of a number: see decimal.h. */
#include "json/decimal.h"

#include <stddef.h>

#include "json/digits.h"

enum {
    MAX_DIGITS = 19,         /* any 19 digits fit into 64 bits */
    EXPONENT_CAP = 100000000 /* more than the digits of any element (16 MiB) can balance */
};

static bool is_at(const char *p, const char *limit, char c) {
    return p < limit && *p == c;
}

/* Moves *p past the sign and digits of an exponent and adds it. False if there is no digit. */
static bool take_exponent(const char **p, const char *limit, int *exponent) {
    bool negative = is_at(*p, limit, '-');
    if (negative || is_at(*p, limit, '+')) ++*p;
    const char *first = *p;
    int size = 0;
    for (; *p < limit && **p >= '0' && **p <= '9'; ++*p) {
        if (size < EXPONENT_CAP) size = size * 10 + (**p - '0');
    }
    *exponent += negative ? -size : size;
    return *p > first;
}

/* Moves *p past the digits after the point. *count is the number of significant digits so far. */
static bool take_fraction(const char **p, const char *limit, ptrdiff_t *count, struct decimal *d) {
    const char *point = *p;
    while (*count == 0 && is_at(*p, limit, '0')) ++*p;
    const char *first = *p;
    *p = digits_append(first, limit, &d->digits);
    *count += *p - first;
    d->exponent = (int)(point - *p);
    return *p > point;
}

bool decimal_take(const char **p, const char *limit, struct decimal *d) {
    *d = (struct decimal){.negative = is_at(*p, limit, '-')};
    *p += d->negative;
    const char *first = *p;
    *p = digits_append(first, limit, &d->digits);
    ptrdiff_t count = *p - first;
    if (count == 0 || (*first == '0' && count > 1)) return false;
    if (*first == '0') count = 0;
    if (is_at(*p, limit, '.')) {
        ++*p;
        if (!take_fraction(p, limit, &count, d)) return false;
    }
    if (*p < limit && (**p | 0x20) == 'e') {
        ++*p;
        if (!take_exponent(p, limit, &d->exponent)) return false;
    }
    d->exact = count <= MAX_DIGITS;
    return true;
}

static void take_digit(struct decimal *d, char c, int *used, bool fraction) {
    if (*used == 0 && c == '0') {
        if (fraction) d->exponent--;
        return; /* leading zeros are not significant */
    }
    if (*used == MAX_DIGITS) {
        if (c != '0') d->exact = false;
        if (!fraction) d->exponent++;
        return;
    }
    d->digits = d->digits * 10 + (unsigned)(c - '0');
    ++*used;
    if (fraction) d->exponent--;
}

struct decimal decimal_long(const char *text, const char *end) {
    struct decimal d = {.negative = *text == '-', .exact = true};
    const char *p = text + d.negative;
    int used = 0;
    bool fraction = false;
    for (; p < end && (*p | 0x20) != 'e'; p++) {
        if (*p == '.') {
            fraction = true;
        } else {
            take_digit(&d, *p, &used, fraction);
        }
    }
    if (p < end) {
        p++;
        take_exponent(&p, end, &d.exponent);
    }
    return d;
}
