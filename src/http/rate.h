/* Measures how fast a client is, counting the time spent waiting for it, not the time that the
 * database takes. */
#ifndef PGCOCO_HTTP_RATE_H
#define PGCOCO_HTTP_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What a client may send, and how slow it may be in sending and in reading. */
struct body_limits {
    uint64_t max_bytes; /* of a body; 0: no limit */
    unsigned silence_s; /* longest time without a byte, in seconds */
    unsigned min_rate;  /* bytes per second, over RATE_WINDOW_S seconds of waiting; 0: no limit */
};

enum {
    RATE_WINDOW_S = 10, /* seconds */
    RATE_RECENT_MS = 3000,
    RATE_BRISK = 64 /* times min_rate */
};

struct rate {
    int64_t waited_ms; /* in the current window */
    uint64_t bytes;
    int64_t recent_ms; /* in the current short window, of RATE_RECENT_MS */
    uint64_t recent_bytes;
    bool is_slow; /* less than RATE_BRISK * min_rate went through in the last short window */
};

/* Fills *err for a body that is slower than its limits; returns false. */
bool rate_set_slow(const struct body_limits *limits, struct err *err);

/* Adds bytes that were received or sent, and the time this took. False if the client was
 * waited for RATE_WINDOW_S seconds and less than min_rate bytes per second went through.
 * min_rate 0 allows any rate. */
bool rate_is_kept(struct rate *rate, unsigned min_rate, int64_t waited_ms, size_t len);

/* Adds the same to the short window, also while nothing comes (len 0). False if the client is too
 * slow while others wait for what its request holds. */
bool rate_is_brisk(struct rate *rate, unsigned min_rate, int64_t waited_ms, size_t len);

#endif
