/* Shares database connections among threads: see pool.h. */
#include "store/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

enum {
    LOOK_MS = 250 /* how often one who waits asks whether that makes sense */
};

struct slot {
    struct db db; /* conn NULL: not connected */
    struct pool *pool;
    bool taken;
    bool is_promised; /* its user was told to give it back */
};

/* A thread that waits. It is handed the slot, so that nobody who comes later is quicker. */
struct waiter {
    struct waiter *next;
    struct slot *slot; /* what it was given; NULL: nothing yet */
    pthread_cond_t given;
};

struct pool {
    const char *conninfo;
    pthread_mutex_t mutex;
    struct waiter *first;
    unsigned waiting;
    unsigned promised; /* slots */
    unsigned size;
    struct slot slots[];
};

struct pool *pool_new(const char *conninfo, unsigned size) {
    struct pool *pool = calloc(1, sizeof *pool + size * sizeof *pool->slots);
    if (!pool) return NULL;
    pool->conninfo = conninfo;
    pool->size = size;
    for (unsigned i = 0; i < size; i++) pool->slots[i].pool = pool;
    pthread_mutex_init(&pool->mutex, NULL);
    return pool;
}

void pool_free(struct pool *pool) {
    if (!pool) return;
    for (unsigned i = 0; i < pool->size; i++) {
        if (pool->slots[i].db.conn) db_close(&pool->slots[i].db);
    }
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

/* Returns a free slot, preferably a connected one. The mutex must be held. */
static struct slot *free_slot(struct pool *pool) {
    struct slot *found = NULL;
    for (unsigned i = 0; i < pool->size; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->taken) continue;
        if (slot->db.conn) return slot;
        if (!found) found = slot;
    }
    return found;
}

static void init_waiter(struct waiter *waiter) {
    pthread_condattr_t attributes;
    *waiter = (struct waiter){0};
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&waiter->given, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void remove_waiter(struct pool *pool, struct waiter *waiter) {
    struct waiter **at = &pool->first;
    while (*at && *at != waiter) at = &(*at)->next;
    if (!*at) return;
    *at = waiter->next;
    pool->waiting--;
}

/* The mutex is held, but not while it asks. */
static bool is_over(struct pool *pool, const struct pool_patience *patience) {
    if (!patience->is_over) return false;
    pthread_mutex_unlock(&pool->mutex);
    bool over = patience->is_over(patience->self);
    pthread_mutex_lock(&pool->mutex);
    return over;
}

/* Waits at the end of the line. The mutex must be held. */
static struct slot *wait_for_slot(struct pool *pool, const struct pool_patience *patience) {
    struct waiter waiter;
    int64_t end = clock_ms() + patience->wait_ms;
    int64_t left;
    struct waiter **last = &pool->first;
    init_waiter(&waiter);
    while (*last) last = &(*last)->next;
    *last = &waiter;
    pool->waiting++;
    while (!waiter.slot && (left = end - clock_ms()) > 0) {
        struct timespec until = clock_in_ms(left < LOOK_MS ? (unsigned)left : LOOK_MS);
        (void)pthread_cond_timedwait(&waiter.given, &pool->mutex, &until);
        if (!waiter.slot && is_over(pool, patience)) break;
    }
    if (!waiter.slot) remove_waiter(pool, &waiter);
    pthread_cond_destroy(&waiter.given);
    return waiter.slot;
}

static struct slot *take_slot(struct pool *pool, const struct pool_patience *patience) {
    pthread_mutex_lock(&pool->mutex);
    struct slot *slot = free_slot(pool);
    if (!slot) slot = wait_for_slot(pool, patience);
    if (slot) slot->taken = true;
    pthread_mutex_unlock(&pool->mutex);
    return slot;
}

static void give_slot(struct pool *pool, struct slot *slot) {
    pthread_mutex_lock(&pool->mutex);
    struct waiter *waiter = pool->first;
    if (slot->is_promised) pool->promised--;
    slot->is_promised = false;
    slot->taken = waiter != NULL;
    if (waiter) {
        remove_waiter(pool, waiter);
        waiter->slot = slot;
        pthread_cond_signal(&waiter->given);
    }
    pthread_mutex_unlock(&pool->mutex);
}

struct db *pool_take_while(struct pool *pool, const struct pool_patience *patience,
                           struct err *err) {
    struct slot *slot = take_slot(pool, patience);
    if (!slot) {
        err_set(err, ERR_BUSY, "all database connections are in use; try again");
        return NULL;
    }
    if (slot->db.conn && !db_is_usable(&slot->db)) db_close(&slot->db);
    if (!slot->db.conn && !db_connect(&slot->db, pool->conninfo, err)) {
        give_slot(pool, slot);
        return NULL;
    }
    return &slot->db;
}

struct db *pool_take(struct pool *pool, unsigned wait_ms, struct err *err) {
    const struct pool_patience patience = {.wait_ms = wait_ms};
    return pool_take_while(pool, &patience, err);
}

bool pool_wants_back(void *db) {
    struct slot *slot = db; /* db is its first member */
    struct pool *pool = slot->pool;
    pthread_mutex_lock(&pool->mutex);
    bool wanted = slot->is_promised || pool->waiting > pool->promised;
    if (wanted && !slot->is_promised) pool->promised++;
    slot->is_promised = wanted;
    pthread_mutex_unlock(&pool->mutex);
    return wanted;
}

void pool_give(struct pool *pool, struct db *db) {
    struct slot *slot = (struct slot *)db; /* db is its first member */
    if (slot->db.conn) {
        db_rollback(&slot->db);
        if (!db_is_usable(&slot->db)) db_close(&slot->db);
    }
    give_slot(pool, slot);
}
