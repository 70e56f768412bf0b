/*
 * The work that an upload may cost beyond reading it, bounded by the bytes that it has brought. A
 * step of work takes at most some 30 ns, so a megabyte pays for less than a second. Real polygons
 * take less than 2 steps for a byte of their file, and 6 if it is compressed.
 */
#ifndef PGCOCO_BASE_WORK_H
#define PGCOCO_BASE_WORK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    WORK_ALLOWANCE = 2 * 1024 * 1024, /* steps, however few bytes there are */
    WORK_PER_BYTE = 24                /* steps for each byte received */
};

struct work {
    /* Bytes as the client sent them, before decompression; grows. NULL: they pay for nothing. */
    const uint64_t *received;
    uint64_t spent; /* steps so far */
};

/* Counts `steps` as spent if the bytes received pay for them, else returns false. NULL for `work`:
 * nothing is bounded. */
static inline bool work_spend(struct work *work, uint64_t steps) {
    if (!work) return true;
    uint64_t received = work->received ? *work->received : 0;
    uint64_t paid;
    if (__builtin_mul_overflow(received, WORK_PER_BYTE, &paid) ||
        __builtin_add_overflow(paid, WORK_ALLOWANCE, &paid)) {
        paid = UINT64_MAX;
    }
    if (work->spent > paid || steps > paid - work->spent) return false;
    work->spent += steps;
    return true;
}

#endif
