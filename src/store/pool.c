/* Shares database connections among threads: see pool.h. */
#include "store/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

struct slot {
    struct db db; /* conn NULL: not connected */
    bool taken;
};

struct pool {
    const char *conninfo;
    pthread_mutex_t mutex;
    pthread_cond_t given;
    unsigned size;
    struct slot slots[];
};

struct pool *pool_new(const char *conninfo, unsigned size) {
    struct pool *pool = calloc(1, sizeof *pool + size * sizeof *pool->slots);
    if (!pool) return NULL;
    pool->conninfo = conninfo;
    pool->size = size;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->given, &attributes);
    pthread_condattr_destroy(&attributes);
    return pool;
}

void pool_free(struct pool *pool) {
    if (!pool) return;
    for (unsigned i = 0; i < pool->size; i++) {
        if (pool->slots[i].db.conn) db_close(&pool->slots[i].db);
    }
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->given);
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

static struct slot *take_slot(struct pool *pool, unsigned wait_ms) {
    struct timespec deadline = clock_in_ms(wait_ms);
    struct slot *slot;
    pthread_mutex_lock(&pool->mutex);
    while (!(slot = free_slot(pool))) {
        if (pthread_cond_timedwait(&pool->given, &pool->mutex, &deadline) != 0) break;
    }
    if (slot) slot->taken = true;
    pthread_mutex_unlock(&pool->mutex);
    return slot;
}

static void give_slot(struct pool *pool, struct slot *slot) {
    pthread_mutex_lock(&pool->mutex);
    slot->taken = false;
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->mutex);
}

struct db *pool_take(struct pool *pool, unsigned wait_ms, struct err *err) {
    struct slot *slot = take_slot(pool, wait_ms);
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

void pool_give(struct pool *pool, struct db *db) {
    struct slot *slot = (struct slot *)db; /* db is its first member */
    if (slot->db.conn) {
        db_rollback(&slot->db);
        if (!db_is_usable(&slot->db)) db_close(&slot->db);
    }
    give_slot(pool, slot);
}
