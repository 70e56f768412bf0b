/*
 * A fixed number of database connections shared by the request threads of a process. They are made
 * when first needed and made anew when lost, so the service outlives its database.
 */
#ifndef PGCOCO_STORE_POOL_H
#define PGCOCO_STORE_POOL_H

#include "base/err.h"
#include "store/db.h"

struct pool;

/* conninfo must outlive the pool. NULL when out of memory. */
struct pool *pool_new(const char *conninfo, unsigned size);

/* Closes all connections; none may be taken. NULL is fine. */
void pool_free(struct pool *pool);

/* A connection that seems good; waits up to wait_ms for one that another thread gives back. NULL
 * with ERR_BUSY when there is none, ERR_DATABASE_AWAY when it cannot be made. Give it back. */
struct db *pool_take(struct pool *pool, unsigned wait_ms, struct err *err);

/* Any transaction still open in it is rolled back. */
void pool_give(struct pool *pool, struct db *db);

#endif
