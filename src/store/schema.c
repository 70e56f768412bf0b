/* Compares the schema of a database with that of this program: see schema.h. */
#include "store/schema.h"

#include <stdlib.h>
#include <string.h>

#include "store/rows.h"

int schema_file_version(const struct schema_file *file) {
    static const char folder[] = "migrations/";
    size_t len = sizeof folder - 1;
    if (strncmp(file->name, folder, len) != 0) return 0;
    return (int)strtol(file->name + len, NULL, 10);
}

bool schema_file_is_replaceable(const struct schema_file *file) {
    return strncmp(file->name, "functions/", 10) == 0 || strncmp(file->name, "views/", 6) == 0 ||
           strcmp(file->name, "drop_stale.sql") == 0 || strcmp(file->name, "grants.sql") == 0;
}

int schema_version(void) {
    int version = 0;
    for (const struct schema_file *file = schema_files; file->name; file++) {
        if (schema_file_version(file) > version) version = schema_file_version(file);
    }
    return version;
}

/* Reads from catalogs only: a schema that somebody else made may hold views and functions of theirs,
 * which would run with the rights of this connection. */
static bool find_schema(struct db *db, bool *exists, struct err *err) {
    struct rows rows;
    if (!rows_query(&rows, db,
                    "select pg_catalog.pg_get_userbyid(n.nspowner), current_user, c.oid "
                    "from pg_catalog.pg_namespace n "
                    "left join pg_catalog.pg_class c "
                    "on c.relnamespace = n.oid and c.relname = 'schema_files' "
                    "where n.nspname = 'coco'",
                    0, NULL, err)) {
        return false;
    }
    const char *owner = rows_text(&rows, 0, 0);
    const char *user = rows_text(&rows, 0, 1);
    bool good = rows.count == 0 || strcmp(owner, user) == 0 ||
                err_set(err, ERR_SCHEMA_MISMATCH,
                        "the schema coco belongs to the role %s, and this connection is %s's: "
                        "connect as its owner, pgcoco",
                        owner, user);
    *exists = rows.count > 0 && !rows_is_null(&rows, 0, 2);
    rows_free(&rows);
    return good;
}

bool schema_read_version(struct db *db, int *version, struct err *err) {
    struct rows rows;
    bool exists;
    *version = -1;
    if (!find_schema(db, &exists, err)) return false;
    if (!exists) return true;
    bool good = rows_query(&rows, db,
                           "select coalesce(pg_catalog.max(version), 0) from coco.schema_versions",
                           0, NULL, err);
    if (good) *version = (int)rows_int64(&rows, 0, 0);
    rows_free(&rows);
    return good;
}

/* True if the rows (file, checksum) have this file with this checksum. */
static bool is_applied(const struct rows *rows, const struct schema_file *file) {
    for (int i = 0; i < rows->count; i++) {
        if (strcmp(rows_text(rows, i, 0), file->name) == 0) {
            return strcmp(rows_text(rows, i, 1), file->checksum) == 0;
        }
    }
    return false;
}

bool schema_compare_files(struct db *db, size_t *count, const struct schema_file **first,
                          struct err *err) {
    struct rows rows;
    *count = 0;
    *first = NULL;
    bool good = rows_query(&rows, db, "select file, checksum from coco.schema_files", 0, NULL, err);
    for (const struct schema_file *file = schema_files; good && file->name; file++) {
        if (!schema_file_is_replaceable(file) || is_applied(&rows, file)) continue;
        if ((*count)++ == 0) *first = file;
    }
    rows_free(&rows);
    return good;
}

bool schema_check(struct db *db, struct err *err) {
    int version;
    size_t count;
    const struct schema_file *first;
    if (!schema_read_version(db, &version, err)) return false;
    if (version < 0) {
        return err_set(err, ERR_SCHEMA_MISMATCH,
                       "the database has no schema coco: run pgcoco migrate");
    }
    if (version > schema_version()) {
        return err_set(
            err, ERR_SCHEMA_MISMATCH,
            "the schema of the database has version %d, but this pgcoco knows version %d: "
            "install the pgcoco that migrated it",
            version, schema_version());
    }
    if (version < schema_version()) {
        return err_set(
            err, ERR_SCHEMA_MISMATCH,
            "the schema of the database has version %d, but this pgcoco needs version %d: "
            "run pgcoco migrate",
            version, schema_version());
    }
    if (!schema_compare_files(db, &count, &first, err)) return false;
    if (count == 0) return true;
    return err_set(err, ERR_SCHEMA_MISMATCH,
                   "the database has functions or views of another pgcoco (%zu files differ, the "
                   "first is %s): run pgcoco migrate of the newer one",
                   count, first->name);
}
