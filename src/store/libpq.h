/*
 * libpq's side of a connection, for this folder only: nothing outside of src/store includes this
 * header or calls libpq.
 */
#ifndef PGCOCO_STORE_LIBPQ_H
#define PGCOCO_STORE_LIBPQ_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/err.h"
#include "store/db.h"

/* Runs one statement with `count` text parameters (NULL for null). The caller clears the result;
 * NULL with *err filled when it failed. */
PGresult *db_query(struct db *db, const char *sql, int count, const char *const *params,
                   struct err *err);

/* Fills *err with what a failed result means for the user, or a failed connection when result is
 * NULL. Returns false. */
bool db_error(const struct db *db, const PGresult *result, struct err *err);

#endif
