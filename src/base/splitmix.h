/*
 * Random numbers that anybody can draw again from their seed: SplitMix64 (Steele, Lea and Flood,
 * "Fast splittable pseudorandom number generators", 2014). Not for secrets.
 */
#ifndef PGCOCO_BASE_SPLITMIX_H
#define PGCOCO_BASE_SPLITMIX_H

#include <stdint.h>

/* The step of the state: 2^64 divided by the golden ratio, and odd. */
#define SPLITMIX_STEP UINT64_C(0x9e3779b97f4a7c15)

/* Returns the next number. *state begins as the seed. */
static inline uint64_t splitmix_next(uint64_t *state) {
    uint64_t z = *state += SPLITMIX_STEP;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Returns the number with this index, from 0, of those that splitmix_next gives for the seed. */
static inline uint64_t splitmix_at(uint64_t seed, uint64_t index) {
    uint64_t state = seed + index * SPLITMIX_STEP;
    return splitmix_next(&state);
}

/* Returns a number below `limit` (above 0), each as probable as any other: the product of a random
 * fraction and the limit, drawn again where rounding would favour a number (Lemire, "Fast random
 * integer generation in an interval", 2019). */
static inline uint32_t splitmix_below(uint64_t *state, uint32_t limit) {
    uint64_t product = (splitmix_next(state) >> 32) * limit;
    if ((uint32_t)product < limit) {
        uint32_t unfair = -limit % limit;
        while ((uint32_t)product < unfair) product = (splitmix_next(state) >> 32) * limit;
    }
    return (uint32_t)(product >> 32);
}

#endif
