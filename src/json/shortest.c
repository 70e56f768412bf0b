/* The text of a double: see shortest.h. */
#include "json/shortest.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 wide;

enum {
    DIGITS_LEAST = 15,
    DIGITS_MOST = 17
};

/* ---- integers ---------------------------------------------------------------------------- */

/* Writes the decimal digits of `value`, at least `least` of them. */
static size_t write_digits(uint64_t value, unsigned least, char *text) {
    char digits[20];
    unsigned count = 0;
    for (; value > 0 || count < least; value /= 10) digits[count++] = (char)('0' + value % 10);
    for (unsigned i = 0; i < count; i++) text[i] = digits[count - 1 - i];
    return count;
}

static bool is_small_integer(double value) {
    return fabs(value) < 1e15 && value == (double)(int64_t)value && !(value == 0 && signbit(value));
}

/* ---- fractions --------------------------------------------------------------------------- */

/* value = mantissa / 2^shift; 0 < shift < 67. */
struct fraction {
    uint64_t mantissa; /* 53 bits, the highest set */
    unsigned shift;
};

static struct fraction fraction_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t one = UINT64_C(1) << 52;
    return (struct fraction){(bits & (one - 1)) | one, 1075 - (unsigned)(bits >> 52)};
}

static wide power_of_10(unsigned exponent) {
    static const uint64_t powers[] = {
        UINT64_C(1),         UINT64_C(10),         UINT64_C(100),         UINT64_C(1000),
        UINT64_C(10000),     UINT64_C(100000),     UINT64_C(1000000),     UINT64_C(10000000),
        UINT64_C(100000000), UINT64_C(1000000000), UINT64_C(10000000000),
    };
    return exponent > 10 ? (wide)powers[10] * powers[exponent - 10] : powers[exponent];
}

/* Rounds the fraction to `places` after the point, ties to even, as printf does. True if the result
 * reads back as the fraction: if it is nearer to it than to the doubles beside it. Everything is
 * exact: mantissa * 10^places has at most 120 bits. In units of 1 / (2^shift * 10^places), the next
 * doubles are 10^places away. (Below a power of 2 the next one is at half of that; but those that
 * come here have so few digits that they are written as they are. Nor does any number of so few
 * digits lie in the middle of two doubles.) */
static bool round_to(struct fraction fraction, unsigned places, uint64_t *rounded) {
    wide power = power_of_10(places);
    wide scaled = fraction.mantissa * power;
    wide unit = (wide)1 << fraction.shift;
    wide below = scaled & (unit - 1);
    uint64_t digits = (uint64_t)(scaled >> fraction.shift);
    bool is_up = below > unit / 2 || (below == unit / 2 && digits % 2 == 1);
    *rounded = digits + is_up;
    return 2 * (is_up ? unit - below : below) < power;
}

/* Returns how many digits stand before the point; negative: zeros after it. */
static int digits_before_point(double value) {
    static const double limits[] = {1e-3, 1e-2, 1e-1, 1e0,  1e1,  1e2,  1e3,  1e4,  1e5, 1e6,
                                    1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    int count = 0;
    while (value >= limits[count]) count++;
    return count - 3;
}

/* Writes digits / 10^places without zeros at the end. 0 < digits < 10^17, places <= 20. */
static size_t write_decimal(uint64_t digits, unsigned places, char *text) {
    for (; places > 0 && digits % 10 == 0; places--) digits /= 10;
    uint64_t power = (uint64_t)power_of_10(places < DIGITS_MOST ? places : DIGITS_MOST);
    size_t length = write_digits(digits / power, 1, text);
    if (places == 0) return length;
    text[length++] = '.';
    return length + write_digits(digits % power, places, text + length);
}

/* 1e-4 <= value < 1e15: printf writes these without an exponent. Not an integer. */
static size_t write_fraction(double value, char *text) {
    struct fraction fraction = fraction_of(value);
    int before = digits_before_point(value);
    uint64_t limit = UINT64_C(1000000000000000);
    for (int digits = DIGITS_LEAST; digits <= DIGITS_MOST; digits++, limit *= 10) {
        uint64_t rounded;
        unsigned places = (unsigned)(digits - before);
        bool reads_back = round_to(fraction, places, &rounded);
        if (rounded >= limit) continue; /* one digit less would have done */
        if (reads_back || digits == DIGITS_MOST) return write_decimal(rounded, places, text);
    }
    return 0;
}

/* ---- all --------------------------------------------------------------------------------- */

static size_t print(double value, char *text) {
    int length = 0;
    for (int digits = DIGITS_LEAST; digits <= DIGITS_MOST; digits++) {
        length = snprintf(text, SHORTEST_ROOM, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return (size_t)length;
}

size_t shortest_write(double value, char text[SHORTEST_ROOM]) {
    size_t sign = value < 0;
    double size = fabs(value);
    text[0] = '-';
    if (is_small_integer(value)) return sign + write_digits((uint64_t)size, 1, text + sign);
    if (size < 1e-4 || size >= 1e15) return print(value, text);
    size_t length = write_fraction(size, text + sign);
    return length ? sign + length : print(value, text);
}
