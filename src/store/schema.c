/* Compares the schema of a database with that of this program: see schema.h. */
#include "store/schema.h"

#include <stdlib.h>
#include <string.h>

int schema_file_version(const struct schema_file *file) {
    static const char folder[] = "migrations/";
    size_t len = sizeof folder - 1;
    if (strncmp(file->name, folder, len) != 0) return 0;
    return (int)strtol(file->name + len, NULL, 10);
}

bool schema_file_is_replaceable(const struct schema_file *file) {
    return strncmp(file->name, "functions/", 10) == 0 || strncmp(file->name, "views/", 6) == 0 ||
           strcmp(file->name, "drop_functions.sql") == 0 || strcmp(file->name, "grants.sql") == 0;
}

int schema_version(void) {
    int version = 0;
    for (const struct schema_file *file = schema_files; file->name; file++) {
        if (schema_file_version(file) > version) version = schema_file_version(file);
    }
    return version;
}

/* Reads from catalogs only: a schema that another role made may hold views and functions of its
 * own, which would run with the rights of this connection. */
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

static bool read_applied(struct db *db, struct schema_state *state, struct err *err) {
    struct rows rows;
    bool good = rows_query(&rows, db,
                           "select coalesce(pg_catalog.max(version), 0) from coco.schema_versions",
                           0, NULL, err);
    if (good) state->version = (int)rows_int64(&rows, 0, 0);
    rows_free(&rows);
    return good && rows_query(&state->files, db, "select file, checksum from coco.schema_files", 0,
                              NULL, err);
}

bool schema_read_state(struct db *db, struct schema_state *state, struct err *err) {
    bool exists;
    *state = (struct schema_state){.version = -1};
    if (!find_schema(db, &exists, err)) return false;
    return !exists || read_applied(db, state, err);
}

void schema_state_free(struct schema_state *state) {
    rows_free(&state->files);
}

bool schema_is_applied(const struct schema_state *state, const struct schema_file *file) {
    if (!schema_file_is_replaceable(file)) return state->version >= schema_file_version(file);
    for (int i = 0; i < state->files.count; i++) {
        if (strcmp(rows_text(&state->files, i, 0), file->name) == 0) {
            return strcmp(rows_text(&state->files, i, 1), file->checksum) == 0;
        }
    }
    return false;
}

/* The replaceable files whose text differs: how many, and the first. */
static unsigned count_different(const struct schema_state *state,
                                const struct schema_file **first) {
    unsigned count = 0;
    for (const struct schema_file *file = schema_files; file->name; file++) {
        if (!schema_file_is_replaceable(file) || schema_is_applied(state, file)) continue;
        if (count++ == 0) *first = file;
    }
    return count;
}

static bool compare(const struct schema_state *state, struct err *err) {
    const struct schema_file *first = NULL;
    int known = schema_version();
    if (state->version < 0) {
        return err_set(err, ERR_SCHEMA_MISMATCH,
                       "the database has no schema coco: run pgcoco migrate");
    }
    if (state->version > known) {
        return err_set(
            err, ERR_SCHEMA_MISMATCH,
            "the schema of the database has version %d, but this pgcoco knows version %d: "
            "install the pgcoco that migrated it",
            state->version, known);
    }
    if (state->version < known) {
        return err_set(
            err, ERR_SCHEMA_MISMATCH,
            "the schema of the database has version %d, but this pgcoco needs version %d: "
            "run pgcoco migrate",
            state->version, known);
    }
    unsigned count = count_different(state, &first);
    return count == 0 ||
           err_set(err, ERR_SCHEMA_MISMATCH,
                   "the database has functions or views of another pgcoco (%u files differ, the "
                   "first is %s): run pgcoco migrate of the newer one",
                   count, first->name);
}

bool schema_check(struct db *db, struct err *err) {
    struct schema_state state;
    bool good = schema_read_state(db, &state, err) && compare(&state, err);
    schema_state_free(&state);
    return good;
}
