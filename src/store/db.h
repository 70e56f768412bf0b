/*
 * A connection to PostgreSQL. Only this folder calls libpq (store/libpq.h). A statement is constant
 * text with parameters; an error of the database becomes a struct err here, in one place.
 */
#ifndef PGCOCO_STORE_DB_H
#define PGCOCO_STORE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct db {
    struct pg_conn *conn; /* libpq's PGconn, for this folder only */
    const char *conninfo;
};

/* conninfo: libpq's connection string or URI, which must outlive the connection; NULL: the
 * environment (PGHOST, PGSERVICE …).
 * ERR_DATABASE_AWAY when it cannot be reached. */
bool db_connect(struct db *db, const char *conninfo, struct err *err);
void db_close(struct db *db);

/* Drops the connection, whatever state it is in, and makes a new one to the same place. */
bool db_reconnect(struct db *db, struct err *err);

/* Whether a connection that lay idle is still good: no round trip, only what the socket shows. */
bool db_is_usable(const struct db *db);

/* A transaction that writes, READ COMMITTED; and one that reads all from one snapshot. Settings of the
 * role or the database change neither. ERR_DATABASE_AWAY on a standby. */
bool db_begin(struct db *db, struct err *err);
bool db_begin_reading(struct db *db, struct err *err);

/* False also when a statement had failed before, and the database has rolled back. */
bool db_commit(struct db *db, struct err *err);

/* Leaves whatever transaction there is; a lost connection has already left it. */
void db_rollback(struct db *db);

/* Runs one statement with `count` text parameters (NULL for null) and ignores its rows. */
bool db_execute(struct db *db, const char *sql, int count, const char *const *params,
                struct err *err);

/* The same in a transaction of its own. */
bool db_change(struct db *db, const char *sql, int count, const char *const *params,
               struct err *err);

/* db_execute() without parameters for a statement that is cancelled after `ms` milliseconds: then
 * the SQLSTATE is 57014. For statements that refuse to run in a transaction, where the server could
 * be given a limit. */
bool db_execute_within(struct db *db, const char *sql, unsigned ms, struct err *err);

/* Runs constant text of several statements; ends at the first that fails. */
bool db_script(struct db *db, const char *sql, struct err *err);

/* Runs one statement and appends the first column of its first row, a document, to a buffer. Other
 * rows are read by store/rows. */
bool db_document(struct db *db, const char *sql, int count, const char *const *params,
                 struct buf *into, struct err *err);

#endif
