/*
 * Requests that are ready, for all threads, in the order in which they came. Some are kept from
 * being held up by others:
 *
 *     /healthz           is taken first, and has a thread that takes nothing else
 *     uploads, exports   take at most `long_max` threads, because they last as long as their
 *                        clients like; the other threads are left to reads and deletions
 *     evaluations        have threads of their own, one for each of their connections, because they
 *                        compute: they take no thread from those above. While one waits, its
 *                        handler is called twice a second, as for a read: it may have to end
 */
#ifndef PGCOCO_SERVE_QUEUE_H
#define PGCOCO_SERVE_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "serve/visit.h"

enum queue_lane {
    LANE_HEALTH,
    LANE_SHORT,
    LANE_LONG,
    LANE_EVALUATION,
    LANES
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct visit *first[LANES];
    struct visit *last[LANES];
    unsigned running[LANES]; /* requests that threads answer */
    unsigned waiting[LANES];
    unsigned looked_at;      /* evaluations that wait, but are with a thread now: see queue_take */
    unsigned leaving[LANES]; /* requests whose clients were told to make room */
    unsigned threads;        /* without those for /healthz and for evaluations */
    unsigned long_max;
    unsigned evaluation_max;
    uint64_t count; /* of all that were ever put */
    bool is_closed;
    atomic_uint open;     /* visits that exist: with the gate, here, or with a thread */
    atomic_size_t memory; /* bytes that they take, as far as the gate has counted */
};

/* Prepares *queue for threads + evaluations + 1 threads. */
void queue_init(struct queue *queue, unsigned threads, unsigned evaluations);

/* The number of threads that must call queue_take. */
unsigned queue_thread_count(const struct queue *queue);

/* Gives a request to the threads. False if it is an upload or an export and twice as many of them
 * wait as there are threads, or likewise an evaluation: the visit stays the caller's. */
bool queue_put(struct queue *queue, struct visit *visit);

/* Waits for a request that the calling thread shall answer, and then report with queue_done. NULL
 * if the queue is closed and empty. A deferred request whose kind is ROUTE_OTHER has not got its
 * turn: the thread shall look whether it must end, and otherwise defer it again. */
struct visit *queue_take(struct queue *queue);

/* The request is answered. Closes and frees the visit. */
void queue_done(struct queue *queue, struct visit *visit);

/* Closes and frees a visit that no thread has; it does not count any more. */
void queue_forget(struct queue *queue, struct visit *visit);

/* The request, which a thread took as another kind, is an evaluation and waits for its turn. False
 * as for queue_put; the thread then goes on with it. One that waited before keeps its place. */
bool queue_defer(struct queue *queue, struct visit *visit);

/* True if a request of the same lane waits for a thread, and no other visit was told so: the answer
 * to this one, whose client reads slowly, must be broken off. self: the visit, a short request or
 * an evaluation. */
bool queue_needs_thread(void *self);

/* No more requests come: queue_take ends when all have been taken. */
void queue_close(struct queue *queue);

#endif
