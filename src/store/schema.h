/* Whether a database's schema is the one that this program was built with. */
#ifndef PGCOCO_STORE_SCHEMA_H
#define PGCOCO_STORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/db.h"
#include "store/schema_files.h"

/* The newest migration that this program knows. */
int schema_version(void);

/* The number in front of a migration's name; 0 for every other file. */
int schema_file_version(const struct schema_file *file);

/* Whether the file is replaced when its text changes: functions, views and rights. */
bool schema_file_is_replaceable(const struct schema_file *file);

/* Reads what was applied to a database. *version: the newest migration, 0 for none; -1: there is no
 * schema at all. A query, with no transaction of its own. */
bool schema_read_version(struct db *db, int *version, struct err *err);

/* The replaceable files whose text in the database is another than in this program: *count of them,
 * and the first, or NULL. The schema must exist. */
bool schema_compare_files(struct db *db, size_t *count, const struct schema_file **first,
                          struct err *err);

/* True when the database has the schema of this program. Otherwise ERR_SCHEMA_MISMATCH with a
 * sentence that says what to run, or the error of the database. */
bool schema_check(struct db *db, struct err *err);

#endif
