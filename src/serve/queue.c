/* Requests for threads: see queue.h. */
#include "serve/queue.h"

#include <stdlib.h>

#include "base/clock.h"

enum {
    LOOK_MS = 500 /* how often a thread looks at an evaluation that waits */
};

static void init_condition(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void queue_init(struct queue *queue, unsigned threads, unsigned evaluations) {
    unsigned reserved = threads / 4 > 2 ? threads / 4 : 2;
    *queue = (struct queue){.threads = threads, .evaluation_max = evaluations};
    queue->long_max = threads > reserved ? threads - reserved : 1;
    pthread_mutex_init(&queue->mutex, NULL);
    init_condition(&queue->changed);
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

/* Returns the visit before the place of this number; NULL: it is the first place. */
static struct visit *find_place(const struct queue *queue, enum queue_lane lane, uint64_t number) {
    struct visit *before = NULL;
    struct visit *at = queue->first[lane];
    if (at && queue->last[lane]->number < number) return queue->last[lane];
    for (; at && at->number < number; at = at->next) before = at;
    return before;
}

/* Puts a visit with a number into a lane. The mutex is held. */
static void put(struct queue *queue, enum queue_lane lane, struct visit *visit) {
    struct visit *before = find_place(queue, lane, visit->number);
    struct visit **at = before ? &before->next : &queue->first[lane];
    visit->next = *at;
    *at = visit;
    if (!visit->next) queue->last[lane] = visit;
    visit->queue = queue;
    queue->waiting[lane]++;
    pthread_cond_signal(&queue->changed);
}

static void leave(struct queue *queue, enum queue_lane lane, struct visit *visit) {
    struct visit *before = find_place(queue, lane, visit->number);
    *(before ? &before->next : &queue->first[lane]) = visit->next;
    if (queue->last[lane] == visit) queue->last[lane] = before;
    queue->waiting[lane]--;
}

static bool has_room(const struct queue *queue, enum queue_lane lane) {
    if (lane != LANE_LONG && lane != LANE_EVALUATION) return true;
    unsigned looked_at = lane == LANE_EVALUATION ? queue->looked_at : 0;
    return queue->waiting[lane] + looked_at < 2 * queue->threads;
}

bool queue_put(struct queue *queue, struct visit *visit) {
    enum queue_lane lane = lane_of(visit);
    pthread_mutex_lock(&queue->mutex);
    bool good = has_room(queue, lane);
    if (good) {
        visit->number = queue->count++;
        put(queue, lane, visit);
    }
    pthread_mutex_unlock(&queue->mutex);
    return good;
}

/* True if a thread has the visit only to look at it. */
static bool is_looked_at(const struct visit *visit) {
    return visit->was_deferred && visit->kind == ROUTE_OTHER;
}

/* A request has its thread no more. The mutex is held. */
static void stop_running(struct queue *queue, const struct visit *visit) {
    enum queue_lane lane = lane_of(visit);
    queue->running[lane]--;
    if (visit->is_leaving) queue->leaving[lane]--;
    if (is_looked_at(visit)) queue->looked_at--;
}

/* Makes it wait as an evaluation. */
static void defer(struct queue *queue, struct visit *visit) {
    stop_running(queue, visit);
    if (!visit->was_deferred) visit->number = queue->count++;
    visit->is_leaving = false;
    visit->kind = ROUTE_EVALUATION;
    visit->was_deferred = true;
    visit->looked_ms = clock_ms();
    put(queue, LANE_EVALUATION, visit);
}

bool queue_defer(struct queue *queue, struct visit *visit) {
    pthread_mutex_lock(&queue->mutex);
    bool good = visit->was_deferred || has_room(queue, LANE_EVALUATION);
    if (good) defer(queue, visit);
    pthread_mutex_unlock(&queue->mutex);
    return good;
}

/* One signal wakes one thread, and the lanes' limits may have kept it from taking what it was woken
 * for. So whoever takes a request wakes another thread if there is more to do, or nothing left. */
static void wake_another(struct queue *queue) {
    if (queue->is_closed) {
        pthread_cond_broadcast(&queue->changed);
    } else if (next_lane(queue) != LANES || queue->waiting[LANE_EVALUATION] > 0) {
        pthread_cond_signal(&queue->changed);
    }
}

static struct visit *take(struct queue *queue, enum queue_lane lane) {
    struct visit *visit = queue->first[lane];
    leave(queue, lane, visit);
    queue->running[lane]++;
    wake_another(queue);
    return visit;
}

/* Returns an evaluation that waits and that nobody has looked at for LOOK_MS; NULL: none, or no
 * thread may do so. */
static struct visit *find_unseen(const struct queue *queue) {
    if (!queue->first[LANE_EVALUATION] || is_full(queue, LANE_SHORT)) return NULL;
    int64_t now_ms = clock_ms();
    for (struct visit *at = queue->first[LANE_EVALUATION]; at; at = at->next) {
        if (now_ms - at->looked_ms >= LOOK_MS) return at;
    }
    return NULL;
}

/* Takes it as what it was before it was deferred. */
static struct visit *take_to_look(struct queue *queue, struct visit *visit) {
    leave(queue, LANE_EVALUATION, visit);
    visit->kind = ROUTE_OTHER;
    queue->looked_at++;
    queue->running[LANE_SHORT]++;
    wake_another(queue);
    return visit;
}

/* Returns what a thread can do now; NULL: nothing. */
static struct visit *take_any(struct queue *queue) {
    enum queue_lane lane = next_lane(queue);
    bool must_wait = is_full(queue, LANE_EVALUATION);
    struct visit *unseen = lane != LANE_HEALTH && must_wait ? find_unseen(queue) : NULL;
    if (unseen) return take_to_look(queue, unseen);
    return lane == LANES ? NULL : take(queue, lane);
}

static void wait_for_change(struct queue *queue) {
    if (!queue->first[LANE_EVALUATION]) {
        pthread_cond_wait(&queue->changed, &queue->mutex);
        return;
    }
    struct timespec until = clock_in_ms(LOOK_MS / 2);
    (void)pthread_cond_timedwait(&queue->changed, &queue->mutex, &until);
}

struct visit *queue_take(struct queue *queue) {
    struct visit *visit;
    pthread_mutex_lock(&queue->mutex);
    while (!(visit = take_any(queue)) && !(queue->is_closed && is_empty(queue))) {
        wait_for_change(queue);
    }
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
    const struct visit was = *visit;
    queue_forget(queue, visit);
    pthread_mutex_lock(&queue->mutex);
    stop_running(queue, &was);
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
