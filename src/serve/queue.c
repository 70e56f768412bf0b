/* Requests for threads: see queue.h. */
#include "serve/queue.h"

#include <stdlib.h>

void queue_init(struct queue *queue, unsigned threads, unsigned evaluations) {
    unsigned reserved = threads / 4 > 2 ? threads / 4 : 2;
    *queue = (struct queue){.threads = threads, .evaluation_max = evaluations};
    queue->long_max = threads > reserved ? threads - reserved : 1;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->changed, NULL);
}

unsigned queue_thread_count(const struct queue *queue) {
    return queue->threads + queue->evaluation_max + 1;
}

static enum queue_lane lane_of(const struct visit *visit) {
    switch (visit->kind) {
    case ROUTE_HEALTH:
        return LANE_HEALTH;
    case ROUTE_UPLOAD:
    case ROUTE_EXPORT:
        return LANE_LONG;
    case ROUTE_EVALUATION:
        return LANE_EVALUATION;
    case ROUTE_OTHER:
        break;
    }
    return LANE_SHORT;
}

static bool is_empty(const struct queue *queue) {
    for (enum queue_lane lane = 0; lane < LANES; lane++) {
        if (queue->first[lane]) return false;
    }
    return true;
}

/* True if no more requests of this lane can be answered at this moment. */
static bool is_full(const struct queue *queue, enum queue_lane lane) {
    if (lane == LANE_HEALTH) return false;
    if (lane == LANE_EVALUATION) return queue->running[lane] >= queue->evaluation_max;
    if (lane == LANE_LONG && queue->running[lane] >= queue->long_max) return true;
    return queue->running[LANE_SHORT] + queue->running[LANE_LONG] >= queue->threads;
}

/* True if a request of this lane waits and a thread may take it. */
static bool may_take(const struct queue *queue, enum queue_lane lane) {
    return queue->first[lane] && !is_full(queue, lane);
}

/* Returns the lane from which to take the next request, the one that came first; LANES: none. */
static enum queue_lane next_lane(const struct queue *queue) {
    enum queue_lane next = LANES;
    if (may_take(queue, LANE_HEALTH)) return LANE_HEALTH;
    for (enum queue_lane lane = LANE_SHORT; lane < LANES; lane++) {
        if (!may_take(queue, lane)) continue;
        if (next == LANES || queue->first[lane]->number < queue->first[next]->number) next = lane;
    }
    return next;
}

static void append(struct queue *queue, enum queue_lane lane, struct visit *visit) {
    visit->next = NULL;
    visit->queue = queue;
    queue->waiting[lane]++;
    visit->number = queue->count++;
    if (queue->first[lane]) {
        queue->last[lane]->next = visit;
    } else {
        queue->first[lane] = visit;
    }
    queue->last[lane] = visit;
}

static bool has_room(const struct queue *queue, enum queue_lane lane) {
    bool is_limited = lane == LANE_LONG || lane == LANE_EVALUATION;
    return !is_limited || queue->waiting[lane] < 2 * queue->threads;
}

/* The mutex is held. */
static bool put(struct queue *queue, struct visit *visit) {
    enum queue_lane lane = lane_of(visit);
    if (!has_room(queue, lane)) return false;
    append(queue, lane, visit);
    pthread_cond_signal(&queue->changed);
    return true;
}

bool queue_put(struct queue *queue, struct visit *visit) {
    pthread_mutex_lock(&queue->mutex);
    bool good = put(queue, visit);
    pthread_mutex_unlock(&queue->mutex);
    return good;
}

/* A request of this lane has its thread no more. The mutex is held. */
static void stop_running(struct queue *queue, enum queue_lane lane, bool was_leaving) {
    queue->running[lane]--;
    if (was_leaving) queue->leaving[lane]--;
}

bool queue_defer(struct queue *queue, struct visit *visit) {
    pthread_mutex_lock(&queue->mutex);
    bool good = has_room(queue, LANE_EVALUATION);
    if (good) {
        stop_running(queue, lane_of(visit), visit->is_leaving);
        visit->is_leaving = false;
        visit->kind = ROUTE_EVALUATION;
        (void)put(queue, visit);
    }
    pthread_mutex_unlock(&queue->mutex);
    return good;
}

/* One signal wakes one thread, and the lanes' limits may have kept it from taking what it was woken
 * for. So whoever takes a request wakes another thread if there is more to do, or nothing left. */
static struct visit *take(struct queue *queue, enum queue_lane lane) {
    struct visit *visit = queue->first[lane];
    queue->first[lane] = visit->next;
    queue->waiting[lane]--;
    queue->running[lane]++;
    if (queue->is_closed) {
        pthread_cond_broadcast(&queue->changed);
    } else if (next_lane(queue) != LANES) {
        pthread_cond_signal(&queue->changed);
    }
    return visit;
}

struct visit *queue_take(struct queue *queue) {
    enum queue_lane lane;
    pthread_mutex_lock(&queue->mutex);
    while ((lane = next_lane(queue)) == LANES && !(queue->is_closed && is_empty(queue))) {
        pthread_cond_wait(&queue->changed, &queue->mutex);
    }
    struct visit *visit = lane == LANES ? NULL : take(queue, lane);
    pthread_mutex_unlock(&queue->mutex);
    return visit;
}

void queue_forget(struct queue *queue, struct visit *visit) {
    size_t memory = visit->memory;
    channel_close(&visit->channel);
    free(visit);
    atomic_fetch_sub(&queue->memory, memory);
    atomic_fetch_sub(&queue->open, 1);
}

void queue_done(struct queue *queue, struct visit *visit) {
    enum queue_lane lane = lane_of(visit);
    bool was_leaving = visit->is_leaving;
    queue_forget(queue, visit);
    pthread_mutex_lock(&queue->mutex);
    stop_running(queue, lane, was_leaving);
    pthread_mutex_unlock(&queue->mutex);
}

bool queue_needs_thread(void *self) {
    struct visit *visit = self;
    struct queue *queue = visit->queue;
    enum queue_lane lane = lane_of(visit);
    pthread_mutex_lock(&queue->mutex);
    bool wanted = is_full(queue, lane) && queue->waiting[lane] > queue->leaving[lane];
    bool needed = visit->is_leaving || wanted;
    if (needed && !visit->is_leaving) queue->leaving[lane]++;
    visit->is_leaving = needed;
    pthread_mutex_unlock(&queue->mutex);
    return needed;
}

void queue_close(struct queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->is_closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}
