/* How fast a client is, counting only the time that it is waited for, not the time the database
 * takes. */
#ifndef PGCOCO_HTTP_RATE_H
#define PGCOCO_HTTP_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RATE_WINDOW_S = 10
};

struct rate {
    int64_t waited_ms; /* in the present window */
    uint64_t bytes;
};

/* Adds what came, or went, and the time it took. False when the client has been waited for
 * RATE_WINDOW_S seconds and less than min_rate bytes a second went through meanwhile; 0: any rate
 * will do. */
bool rate_is_kept(struct rate *rate, unsigned min_rate, int64_t waited_ms, size_t len);

#endif
