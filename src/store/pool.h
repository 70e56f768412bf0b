/*
 * A fixed number of database connections, shared by the request threads of a process. They are
 * opened when first needed and reopened when lost, so the service survives a restart of its
 * database.
 */
#ifndef PGCOCO_STORE_POOL_H
#define PGCOCO_STORE_POOL_H

#include <stdbool.h>

#include "base/err.h"
#include "store/db.h"

struct pool;

/* conninfo must outlive the pool. Returns NULL if there is no memory. */
struct pool *pool_new(const char *conninfo, unsigned size);

/* Closes all connections; none may be in use. Takes NULL. */
void pool_free(struct pool *pool);

/* Takes a connection; waits up to wait_ms for another thread to give one back, in the order in
 * which the threads have come. Returns NULL with ERR_BUSY if all stay in use, with
 * ERR_DATABASE_AWAY if connecting fails. Call pool_give afterwards. */
struct db *pool_take(struct pool *pool, unsigned wait_ms, struct err *err);

/* How long to wait: wait_ms, or until is_over(self), which may be NULL, is true. It is asked four
 * times a second. */
struct pool_patience {
    unsigned wait_ms;
    bool (*is_over)(void *self);
    void *self;
};

/* Like pool_take; ERR_BUSY also if is_over was true. */
struct db *pool_take_while(struct pool *pool, const struct pool_patience *patience,
                           struct err *err);

/* True if another thread waits for a connection, and no other user of one was told so: the work on
 * this one, which makes no progress, must end, and pool_give follow. db: from pool_take. */
bool pool_wants_back(void *db);

/* Gives a connection back. An open transaction is rolled back. */
void pool_give(struct pool *pool, struct db *db);

#endif
