/* The libpq side of a connection. Only src/store includes this header and calls libpq. */
#ifndef PGCOCO_STORE_LIBPQ_H
#define PGCOCO_STORE_LIBPQ_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/err.h"
#include "store/db.h"

/* Runs one statement with `count` text parameters (NULL for null). The caller clears the result.
 * Returns NULL and fills *err if it fails. */
PGresult *db_query(struct db *db, const char *sql, int count, const char *const *params,
                   struct err *err);

/* Fills *err from a failed result, or from a failed connection if result is NULL. Returns false. */
bool db_error(const struct db *db, const PGresult *result, struct err *err);

#endif
