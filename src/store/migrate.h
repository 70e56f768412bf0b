/*
 * Brings the schema of a database to the version of this program: missing migrations, one
 * transaction each; then, if one of them has changed, functions, views and grants in one
 * transaction.
 */
#ifndef PGCOCO_STORE_MIGRATE_H
#define PGCOCO_STORE_MIGRATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/db.h"

struct migrate {
    struct db *db;
    bool dry_run; /* pass the SQL to print() instead of applying it */
    /* How long a statement may wait for a lock, with readers of the table queued behind it. */
    unsigned lock_timeout_ms;
    unsigned wait_s; /* how long to retry a transaction that ran into lock_timeout */
    /* Receives a line about what was done, or SQL in a dry run, without the last newline. */
    void (*print)(void *self, const char *text);
    void *self;
    bool has_changed; /* set by migrate_run */
};

/* Applies what is missing. The connection's role must be pgcoco, which sql/roles.sql creates.
 * Concurrent calls take turns. On failure, committed steps stay, and the
 * next call continues from there. */
bool migrate_run(struct migrate *migrate, struct err *err);

#endif
