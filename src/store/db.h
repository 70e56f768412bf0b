/*
 * A connection to PostgreSQL. Only this folder calls libpq (store/libpq.h). Statements are constant
 * text with parameters. Errors of the database become a struct err here, in one place.
 */
#ifndef PGCOCO_STORE_DB_H
#define PGCOCO_STORE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"

struct db {
    struct pg_conn *conn; /* libpq's PGconn, for this folder only */
    const char *conninfo;
    /* May end a statement while it runs; the error is then that of progress_go_on. NULL: nothing
     * does, as after db_connect. */
    struct progress *progress;
};

/* Connects. conninfo: connection string or URI of libpq, which must outlive the connection; NULL:
 * the environment (PGHOST, PGSERVICE …). ERR_DATABASE_AWAY if the server cannot be reached. */
bool db_connect(struct db *db, const char *conninfo, struct err *err);
void db_close(struct db *db);

/* Drops the connection, whatever its state, and connects again. */
bool db_reconnect(struct db *db, struct err *err);

/* True if an idle connection looks good. Makes no round trip; looks at the socket only. */
bool db_is_usable(const struct db *db);

/* Begin a transaction: READ COMMITTED and read-write, or REPEATABLE READ and read-only. Settings of
 * the role or the database do not change these. ERR_READ_ONLY on a standby. */
bool db_begin(struct db *db, struct err *err);
bool db_begin_reading(struct db *db, struct err *err);

/* Also false if an earlier statement failed and the database has rolled back. */
bool db_commit(struct db *db, struct err *err);

/* Rolls back an open transaction, if there is one and the connection is not lost. */
void db_rollback(struct db *db);

/* Runs one statement with `count` text parameters (NULL for null) and drops its rows. */
bool db_execute(struct db *db, const char *sql, int count, const char *const *params,
                struct err *err);

/* Like db_execute, in a transaction of its own. */
bool db_change(struct db *db, const char *sql, int count, const char *const *params,
               struct err *err);

/* Like db_execute without parameters, but cancels the statement after `ms` milliseconds; the
 * SQLSTATE is then 57014. For statements that cannot run in a transaction, where statement_timeout
 * could be set. */
bool db_execute_within(struct db *db, const char *sql, unsigned ms, struct err *err);

/* Runs constant text of several statements; stops at the first that fails. */
bool db_script(struct db *db, const char *sql, struct err *err);

/* Runs one statement and appends the first column of its first row, a document, to `into`; nothing
 * if it is null. To read other rows use store/rows. */
bool db_document(struct db *db, const char *sql, int count, const char *const *params,
                 struct buf *into, struct err *err);

#endif
