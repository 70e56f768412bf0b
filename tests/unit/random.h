/* Random numbers that are the same in every run. */
#ifndef PGCOCO_TESTS_UNIT_RANDOM_H
#define PGCOCO_TESTS_UNIT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Returns the next number: xorshift64* (Vigna 2016). */
static inline uint64_t random_next(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static inline size_t random_below(uint64_t *state, size_t limit) {
    return (size_t)(random_next(state) >> 32) % limit;
}

#endif
