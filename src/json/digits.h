/*
 * Parses decimal digits eight at a time, because most of a results file is digits. Bytes up to
 * `limit` may be read; a run of digits ends at the first other byte, or at limit.
 */
#ifndef PGCOCO_JSON_DIGITS_H
#define PGCOCO_JSON_DIGITS_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define DIGITS_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Loads eight characters into a word, the first one into the lowest byte. */
static inline uint64_t digits_load(const char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return le64toh(word);
}

/* Counts the digits before the first other byte: adding sets the top bit of bytes above '9',
 * subtracting sets it for bytes below '0'. */
static inline unsigned digits_count(uint64_t word) {
    uint64_t other =
        ((word + DIGITS_EACH(0x7f - '9')) | (word - DIGITS_EACH('0')) | word) & DIGITS_EACH(0x80);
    return other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
}

/* Returns the number that the first `count` digits make; count > 0. Combines neighbours into pairs,
 * pairs into fours, fours into eight. */
static inline uint64_t digits_value(uint64_t word, unsigned count) {
    word = (word - DIGITS_EACH('0')) << (8 * (8 - count)); /* leading zeros */
    word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (word * 10000 + (word >> 32)) & UINT64_C(0xffffffff);
}

/* Appends the digits at p to *value, which may overflow. Returns the end of the digits. */
static inline const char *digits_append(const char *p, const char *limit, uint64_t *value) {
    static const uint32_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    while (limit - p >= 8) {
        uint64_t word = digits_load(p);
        unsigned count = digits_count(word);
        if (count > 0) *value = *value * powers[count] + digits_value(word, count);
        p += count;
        if (count < 8) return p;
    }
    for (; p < limit && *p >= '0' && *p <= '9'; p++) *value = *value * 10 + (unsigned)(*p - '0');
    return p;
}

#endif
