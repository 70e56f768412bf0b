/* A connection with a request, from its arrival to its answer: first with the gate, then in the
 * queue, then with a thread. */
#ifndef PGCOCO_SERVE_VISIT_H
#define PGCOCO_SERVE_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "api/route.h"
#include "http/channel.h"
#include "http/rate.h"

struct queue;

struct visit {
    struct channel channel;
    enum route_kind kind; /* known when the channel has its parameters */
    struct visit *next;   /* in the list of the gate, or in the queue */

    /* of the gate */
    struct visit *before;
    bool is_watched;  /* its socket is in the epoll set */
    int64_t came_ms;  /* clock_ms */
    int64_t heard_ms; /* when its last bytes came, or it was refused */
    size_t memory;    /* bytes that it counts for */
    struct rate rate; /* of the body */

    /* of the queue */
    struct queue *queue;
    uint64_t number;
    bool is_leaving;   /* its client was told to make room */
    bool was_deferred; /* it waits for its turn as an evaluation, or did */
    int64_t looked_ms; /* when a thread last looked whether it must end before (clock_ms) */
};

#endif
