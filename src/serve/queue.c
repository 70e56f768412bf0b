/* Requests for threads: see queue.h. */
#include "serve/queue.h"

#include <stdlib.h>

void queue_init(struct queue *queue, unsigned threads) {
    unsigned reserved = threads / 4 > 2 ? threads / 4 : 2;
    *queue = (struct queue){.threads = threads};
    queue->long_max = threads > reserved ? threads - reserved : 1;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->changed, NULL);
}

static enum queue_lane lane_of(const struct visit *visit) {
    switch (visit->kind) {
    case ROUTE_HEALTH:
        return LANE_HEALTH;
    case ROUTE_UPLOAD:
    case ROUTE_EXPORT:
        return LANE_LONG;
    case ROUTE_OTHER:
        break;
    }
    return LANE_SHORT;
}

static bool is_empty(const struct queue *queue) {
    return !queue->first[LANE_HEALTH] && !queue->first[LANE_SHORT] && !queue->first[LANE_LONG];
}

/* True if a request of this lane waits and a thread may take it. */
static bool may_take(const struct queue *queue, enum queue_lane lane) {
    if (!queue->first[lane]) return false;
    if (lane == LANE_HEALTH) return true;
    if (queue->running[LANE_SHORT] + queue->running[LANE_LONG] >= queue->threads) return false;
    return lane == LANE_SHORT || queue->running[LANE_LONG] < queue->long_max;
}

/* Returns the lane from which to take the next request; LANES: none. */
static enum queue_lane next_lane(const struct queue *queue) {
    bool is_short = may_take(queue, LANE_SHORT);
    bool is_long = may_take(queue, LANE_LONG);
    if (may_take(queue, LANE_HEALTH)) return LANE_HEALTH;
    if (is_short && is_long) {
        bool older = queue->first[LANE_LONG]->number < queue->first[LANE_SHORT]->number;
        return older ? LANE_LONG : LANE_SHORT;
    }
    if (is_short) return LANE_SHORT;
    return is_long ? LANE_LONG : LANES;
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

bool queue_put(struct queue *queue, struct visit *visit) {
    enum queue_lane lane = lane_of(visit);
    pthread_mutex_lock(&queue->mutex);
    bool has_room = lane != LANE_LONG || queue->waiting[lane] < 2 * queue->threads;
    if (has_room) {
        append(queue, lane, visit);
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return has_room;
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
    queue->running[lane]--;
    if (was_leaving) queue->leaving--;
    pthread_mutex_unlock(&queue->mutex);
}

bool queue_needs_thread(void *self) {
    struct visit *visit = self;
    struct queue *queue = visit->queue;
    pthread_mutex_lock(&queue->mutex);
    bool is_full = queue->running[LANE_SHORT] + queue->running[LANE_LONG] >= queue->threads;
    bool needed = visit->is_leaving || (is_full && queue->waiting[LANE_SHORT] > queue->leaving);
    if (needed && !visit->is_leaving) queue->leaving++;
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
