/* Converts text to numbers: see number.h. */
#include "json/number.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "json/decimal.h"

static struct decimal decimal_of(const struct json_value *value, uint32_t node) {
    const char *text = value->text + value->nodes[node].start;
    struct decimal d;
    if (value->decimals) {
        d = value->decimals[node];
    } else {
        const char *p = text;
        decimal_take(&p, value->text + value->nodes[0].end, &d);
    }
    return d.exact ? d : decimal_long(text, value->text + value->nodes[node].end);
}

/* Clinger's fast path (How to Read Floating Point Numbers Accurately, 1990): both factors are exact
 * doubles, so the one operation rounds once. */
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

static double power_of_2(int exponent) {
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* A power of 5, shifted to set its top bit, and its reciprocal, floor((2^128 - 1) / divisor) -
 * 2^64, which replaces a division by multiplications. */
struct divisor {
    uint64_t value;
    uint64_t reciprocal;
    int shift; /* value is the power << shift */
};

typedef unsigned __int128 uint128;

#define DIVISOR(power, shift) \
    { UINT64_C(power) << (shift), (uint64_t)(~(uint128)0 / (UINT64_C(power) << (shift))), shift }

/* Returns dividend / divisor, for dividend < divisor * 2^64, and tells whether a remainder is left:
 * Möller and Granlund, Improved Division by Invariant Integers (2011), algorithm 4. It takes two
 * multiplications; the processor's own 128-bit division is several times slower. */
static uint64_t divide(uint128 dividend, const struct divisor *by, bool *remainder) {
    uint64_t high = (uint64_t)(dividend >> 64);
    uint64_t low = (uint64_t)dividend;
    uint128 estimate = (uint128)by->reciprocal * high + dividend;
    uint64_t quotient = (uint64_t)(estimate >> 64) + 1;
    uint64_t left = low - quotient * by->value;
    uint64_t too_much = left > (uint64_t)estimate; /* unpredictable, so not a branch */
    quotient -= too_much;
    left += by->value & -too_much;
    if (left >= by->value) { /* rare */
        quotient++;
        left -= by->value;
    }
    *remainder = left != 0;
    return quotient;
}

/* Computes digits * 10^exponent, rounded to the nearest double, ties to even, by one exact division
 * (e = -exponent): digits * 10^-e = (digits / 5^e) * 2^-e. Both operands are shifted to set their
 * top bit. The quotient has 62 or 63 bits, more than the 53 of a double, and the remainder tells on
 * which side of a tie it lies. 5^27 is the largest power that fits 64 bits, which covers what
 * detectors write: 17 digits and a point. */
static bool exact_quotient(const struct decimal *d, double *out) {
    enum {
        POWERS = 28
    };
    static const struct divisor powers_of_5[POWERS] = {
        DIVISOR(1, 63),
        DIVISOR(5, 61),
        DIVISOR(25, 59),
        DIVISOR(125, 57),
        DIVISOR(625, 54),
        DIVISOR(3125, 52),
        DIVISOR(15625, 50),
        DIVISOR(78125, 47),
        DIVISOR(390625, 45),
        DIVISOR(1953125, 43),
        DIVISOR(9765625, 40),
        DIVISOR(48828125, 38),
        DIVISOR(244140625, 36),
        DIVISOR(1220703125, 33),
        DIVISOR(6103515625, 31),
        DIVISOR(30517578125, 29),
        DIVISOR(152587890625, 26),
        DIVISOR(762939453125, 24),
        DIVISOR(3814697265625, 22),
        DIVISOR(19073486328125, 19),
        DIVISOR(95367431640625, 17),
        DIVISOR(476837158203125, 15),
        DIVISOR(2384185791015625, 12),
        DIVISOR(11920928955078125, 10),
        DIVISOR(59604644775390625, 8),
        DIVISOR(298023223876953125, 5),
        DIVISOR(1490116119384765625, 3),
        DIVISOR(7450580596923828125, 1),
    };
    if (!d->exact || d->digits == 0 || d->exponent >= 0 || d->exponent <= -POWERS) return false;
    const struct divisor *divisor = &powers_of_5[-d->exponent];
    int shift = __builtin_clzll(d->digits);
    bool remainder;
    uint64_t quotient = divide((uint128)(d->digits << shift) << 62, divisor, &remainder);

    /* The conversion to double rounds once, ties to even. A remainder is stored in the lowest spare
     * bit, so that an inexact quotient is never taken for a tie. */
    int exponent = divisor->shift - shift - 62 + d->exponent;
    *out = (double)(int64_t)(quotient | remainder) * power_of_2(exponent);
    if (d->negative) *out = -*out;
    return true;
}

static enum number_result not_a_number(enum json_type type) {
    return type == JSON_NON_FINITE ? NUMBER_NON_FINITE : NUMBER_WRONG_TYPE;
}

/* Rounds the number that begins at text. False if it is out of range. */
static bool round_to_double(const struct decimal *d, const char *text, double *out) {
    if (exact_quotient(d, out) || exact_product(d, out)) return true;
    /* strtod stops in the right place: a byte that cannot belong to the number always follows, and
     * the process never leaves the C locale. */
    *out = strtod(text, NULL);
    return isfinite(*out);
}

enum number_result number_double(const struct json_value *value, uint32_t node, double *out) {
    const struct json_node *n = &value->nodes[node];
    if (n->type != JSON_NUMBER) return not_a_number(n->type);
    struct decimal d = decimal_of(value, node);
    return round_to_double(&d, value->text + n->start, out) ? NUMBER_OK : NUMBER_OUT_OF_RANGE;
}

bool number_take_double(const char **p, const char *limit, double *out) {
    const char *text = *p;
    struct decimal d;
    if (!decimal_take(p, limit, &d) || *p == limit) return false;
    if (!d.exact) d = decimal_long(text, *p);
    return round_to_double(&d, text, out);
}

/* Turns digits * 10^exponent into a whole number. */
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
    struct decimal d = decimal_of(value, node);
    /* More digits than 64 bits hold: either too large, or a fraction that is not zero. */
    if (!d.exact) return d.exponent <= 0 ? NUMBER_WRONG_TYPE : NUMBER_OUT_OF_RANGE;
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
