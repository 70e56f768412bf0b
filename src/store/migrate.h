/*
 * Brings the schema of a database to that of this program: the migrations that are missing, each in
 * a transaction; then functions, views and rights, in one transaction, if one of them has changed.
 */
#ifndef PGCOCO_STORE_MIGRATE_H
#define PGCOCO_STORE_MIGRATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/db.h"

struct migrate {
    struct db *db;
    bool dry_run; /* hand the SQL to print instead of applying it */
    /* How long a statement may wait for a lock. Readers of a table queue behind it for so long. */
    unsigned lock_timeout_ms;
    unsigned wait_s; /* how long a transaction that ran into the time-out is tried again */
    /* Takes a line about what was done, or the SQL of a dry run, without a newline at its end. */
    void (*print)(void *self, const char *text);
    void *self;
    bool has_changed; /* set by migrate_run */
};

/* The role of the connection must be pgcoco, or be able to become it; the role must exist (see
 * sql/roles.sql). Several at the same time are harmless: they take turns.
 * On failure what was committed stays, and the next call continues from there. */
bool migrate_run(struct migrate *migrate, struct err *err);

#endif
