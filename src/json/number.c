/* Numbers from their text: see number.h. */
#include "json/number.h"

#include <math.h>
#include <stdlib.h>

/* The number as digits × 10^exponent, as far as 19 digits carry it. */
struct decimal {
    uint64_t digits;
    int exponent;
    bool negative;
    bool exact; /* digits and exponent say all there is to say */
};

enum { MAX_DIGITS = 19 /* any 19 digits fit into 64 bits */ };

static void take_digit(struct decimal *d, char c, int *used, bool fraction) {
    if (*used == 0 && c == '0') {
        if (fraction) d->exponent--;
        return; /* leading zeros carry nothing */
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

/* Exponents beyond this decide alone, whatever the digits of a 16 MiB element are. */
enum { EXPONENT_CAP = 100000000 };

static int parse_exponent(const char *p, const char *end) {
    bool negative = *p == '-';
    if (*p == '-' || *p == '+') p++;
    int exponent = 0;
    for (; p < end; p++) {
        if (exponent < EXPONENT_CAP) exponent = exponent * 10 + (*p - '0');
    }
    return negative ? -exponent : exponent;
}

static struct decimal parse_decimal(const char *p, const char *end) {
    struct decimal d = {.exact = true};
    int used = 0;
    bool fraction = false;
    if (*p == '-') {
        d.negative = true;
        p++;
    }
    for (; p < end && (*p | 0x20) != 'e'; p++) {
        if (*p == '.') {
            fraction = true;
        } else {
            take_digit(&d, *p, &used, fraction);
        }
    }
    if (p < end) d.exponent += parse_exponent(p + 1, end);
    return d;
}

/* Clinger's fast path (How to Read Floating Point Numbers Accurately, 1990): both factors are
 * doubles without error, so one operation rounds once. */
static bool exact_product(const struct decimal *d, double *out) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (!d->exact || d->digits > UINT64_C(1) << 53 || d->exponent < -22 || d->exponent > 22) {
        return false;
    }
    double digits = (double)d->digits;
    *out = d->exponent < 0 ? digits / powers[-d->exponent] : digits * powers[d->exponent];
    if (d->negative) *out = -*out;
    return true;
}

static enum number_result not_a_number(enum json_type type) {
    return type == JSON_NON_FINITE ? NUMBER_NON_FINITE : NUMBER_WRONG_TYPE;
}

enum number_result number_double(const struct json_value *value, uint32_t node, double *out) {
    const struct json_node *n = &value->nodes[node];
    if (n->type != JSON_NUMBER) return not_a_number(n->type);
    const char *text = value->text + n->start;
    struct decimal d = parse_decimal(text, value->text + n->end);
    if (exact_product(&d, out)) return NUMBER_OK;
    /* A number is always followed by a byte that cannot belong to it, and the process never leaves
     * the C locale: strtod stops where it should. */
    *out = strtod(text, NULL);
    return isfinite(*out) ? NUMBER_OK : NUMBER_OUT_OF_RANGE;
}

/* digits × 10^exponent as a whole number. */
static enum number_result whole(struct decimal d, uint64_t *out) {
    if (d.digits == 0) d.exponent = 0;
    for (; d.exponent < 0; d.exponent++) {
        if (d.digits % 10 != 0) return NUMBER_WRONG_TYPE;
        d.digits /= 10;
    }
    for (; d.exponent > 0; d.exponent--) {
        if (d.digits > UINT64_MAX / 10) return NUMBER_OUT_OF_RANGE;
        d.digits *= 10;
    }
    *out = d.digits;
    return NUMBER_OK;
}

enum number_result number_int64(const struct json_value *value, uint32_t node, int64_t *out) {
    const struct json_node *n = &value->nodes[node];
    if (n->type != JSON_NUMBER) return not_a_number(n->type);
    struct decimal d = parse_decimal(value->text + n->start, value->text + n->end);
    /* More digits than 64 bits hold: too large, or a fraction that is not zero. */
    if (!d.exact) return d.exponent < 0 ? NUMBER_WRONG_TYPE : NUMBER_OUT_OF_RANGE;
    uint64_t size;
    enum number_result result = whole(d, &size);
    if (result != NUMBER_OK) return result;
    uint64_t limit = (uint64_t)INT64_MAX + d.negative;
    if (size > limit) return NUMBER_OUT_OF_RANGE;
    *out = d.negative ? (int64_t)(0 - size) : (int64_t)size;
    return NUMBER_OK;
}

enum number_result number_int32(const struct json_value *value, uint32_t node, int32_t *out) {
    int64_t wide;
    enum number_result result = number_int64(value, node, &wide);
    if (result != NUMBER_OK) return result;
    if (wide < INT32_MIN || wide > INT32_MAX) return NUMBER_OUT_OF_RANGE;
    *out = (int32_t)wide;
    return NUMBER_OK;
}
