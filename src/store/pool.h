/*
 * A fixed number of database connections, shared by the request threads of a process. They are
 * opened when first needed and reopened when lost, so the service survives a restart of its
 * database.
 */
#ifndef PGCOCO_STORE_POOL_H
#define PGCOCO_STORE_POOL_H

#include "base/err.h"
#include "store/db.h"

struct pool;

/* conninfo must outlive the pool. Returns NULL if there is no memory. */
struct pool *pool_new(const char *conninfo, unsigned size);

/* Closes all connections; none may be in use. Takes NULL. */
void pool_free(struct pool *pool);

/* Takes a connection; waits up to wait_ms for another thread to give one back. Returns NULL with
 * ERR_BUSY if all stay in use, with ERR_DATABASE_AWAY if connecting fails. Call pool_give
 * afterwards. */
struct db *pool_take(struct pool *pool, unsigned wait_ms, struct err *err);

/* Gives a connection back. An open transaction is rolled back. */
void pool_give(struct pool *pool, struct db *db);

#endif
