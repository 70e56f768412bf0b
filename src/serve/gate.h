/*
 * The gate: one thread that accepts connections and looks after them until their requests are
 * ready for a thread. A request is ready when its parameters are there; an upload, when its body is
 * complete or BODY_PREFETCH of it have come. So clients that are slow to begin hold no thread.
 *
 * Those that are too slow are sent away: a connection whose parameters take more than ten seconds
 * is closed, and an upload that is slower than the limits is answered 408. If too many wait, or
 * the buffers of all take too much memory, the one that has waited longest goes (503). The gate
 * gives these answers, without waiting, and drops what still comes for CHANNEL_LINGER_MS; less if
 * the connection is needed. So nobody who is refused holds a thread, or is in the way of others.
 */
#ifndef PGCOCO_SERVE_GATE_H
#define PGCOCO_SERVE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "http/rate.h"
#include "serve/acceptor.h"
#include "serve/queue.h"
#include "serve/visit.h"

struct visits {
    struct visit *oldest;
    struct visit *newest;
    unsigned count;
};

struct gate {
    struct acceptor acceptor;
    struct queue *queue;
    struct service *service; /* to answer those that are refused */
    const struct body_limits *limits;
    unsigned waiting_max; /* connections */
    unsigned open_max;    /* connections that wait, are queued, or are being answered */

    /* of its thread */
    int epoll;
    bool accepts;            /* the listener is in the epoll set */
    bool has_failed;         /* to put it there; that was logged */
    int64_t resume_ms;       /* when to accept again; 0: now */
    struct visits waiting;   /* for the rest of their requests */
    struct visits lingering; /* refused and answered */
    int64_t swept_ms;
    char scratch[CHANNEL_PIECE];
};

/* Prepares *gate. listener, is_shared: see acceptor_open. The rest must outlive it. */
bool gate_open(struct gate *gate, int listener, bool is_shared, struct queue *queue,
               struct service *service, unsigned waiting_max, struct err *err);

/* Runs on its own thread. self: the gate. Returns NULL when no more connections are accepted and
 * none waits any more; the queue is then closed. */
void *gate_run(void *self);

#endif
