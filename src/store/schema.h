/* Checks whether a database has the schema that this program was built with. */
#ifndef PGCOCO_STORE_SCHEMA_H
#define PGCOCO_STORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/db.h"
#include "store/schema_files.h"

/* Returns the version of the newest migration in this program. */
int schema_version(void);

/* Returns the number at the start of a migration's name; 0 for every other file. */
int schema_file_version(const struct schema_file *file);

/* True for functions, views and grants, which are replaced when their text changes. */
bool schema_file_is_replaceable(const struct schema_file *file);

/* Reads the version of a database. *version is that of the newest migration, 0 if there is none, -1
 * if there is no schema. Begins no transaction. */
bool schema_read_version(struct db *db, int *version, struct err *err);

/* Compares the replaceable files with those applied to the database. *count tells how many differ,
 * *first is the first of them, or NULL. The schema must exist. */
bool schema_compare_files(struct db *db, size_t *count, const struct schema_file **first,
                          struct err *err);

/* True if the database has the schema of this program. Otherwise ERR_SCHEMA_MISMATCH with a
 * sentence that says what to run, or the error of the database. */
bool schema_check(struct db *db, struct err *err);

#endif
