/* Measures how fast a client is, counting the time spent waiting for it, not the time that the
 * database takes. */
#ifndef PGCOCO_HTTP_RATE_H
#define PGCOCO_HTTP_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RATE_WINDOW_S = 10 /* seconds */
};

struct rate {
    int64_t waited_ms; /* in the current window */
    uint64_t bytes;
};

/* Adds bytes that were received or sent, and the time this took. False if the client was
 * waited for RATE_WINDOW_S seconds and less than min_rate bytes per second went through.
 * min_rate 0 allows any rate. */
bool rate_is_kept(struct rate *rate, unsigned min_rate, int64_t waited_ms, size_t len);

#endif
