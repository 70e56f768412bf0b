/* Checks whether a database has the schema that this program was built with. */
#ifndef PGCOCO_STORE_SCHEMA_H
#define PGCOCO_STORE_SCHEMA_H

#include <stdbool.h>

#include "base/err.h"
#include "store/db.h"
#include "store/rows.h"
#include "store/schema_files.h"

/* Returns the version of the newest migration in this program. */
int schema_version(void);

/* Returns the number at the start of a migration's name; 0 for every other file. */
int schema_file_version(const struct schema_file *file);

/* True for functions, views and grants, which are replaced when their text changes. */
bool schema_file_is_replaceable(const struct schema_file *file);

/* What was applied to a database. */
struct schema_state {
    int version;       /* of the newest migration; 0: none, -1: there is no schema */
    struct rows files; /* file, checksum */
};

/* Reads the state, outside or inside a transaction. Refuses a schema that does not belong to the
 * role of the connection (ERR_SCHEMA_MISMATCH). Call schema_state_free in any case. */
bool schema_read_state(struct db *db, struct schema_state *state, struct err *err);
void schema_state_free(struct schema_state *state);

/* True if the file was applied with the text that this program has. */
bool schema_is_applied(const struct schema_state *state, const struct schema_file *file);

/* True if the database has the schema of this program. Otherwise ERR_SCHEMA_MISMATCH with a
 * sentence that says what to run, or the error of the database. */
bool schema_check(struct db *db, struct err *err);

#endif
