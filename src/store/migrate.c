/* Applies migrations: see migrate.h. */
#include "store/migrate.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/schema.h"

enum {
    PAUSE_US = 500 * 1000, /* between two attempts, so that queued readers can go on */
    REPORT_MAX = 64 * 1024
};

/* ---- one file ---------------------------------------------------------------------------- */

static bool is_view(const struct schema_file *file) {
    return strncmp(file->name, "views/", 6) == 0;
}

/* The statement that record() runs, for a dry run. All values are constants of this program. */
static void print_record(struct migrate *migrate, const struct schema_file *file) {
    char line[512];
    if (schema_file_is_replaceable(file)) {
        snprintf(line, sizeof line,
                 "insert into coco.schema_files (file, checksum) values ('%s', '%s')\n"
                 "    on conflict (file) do update set checksum = excluded.checksum,\n"
                 "        applied_at = excluded.applied_at;",
                 file->name, file->checksum);
    } else if (schema_file_version(file) > 0) {
        snprintf(line, sizeof line,
                 "insert into coco.schema_versions (version, file) values (%d, '%s');",
                 schema_file_version(file), file->name);
    } else {
        return; /* the bootstrap */
    }
    migrate->print(migrate->self, line);
}

static bool record(struct migrate *migrate, const struct schema_file *file, struct err *err) {
    char version[16];
    const char *migration[] = {version, file->name};
    const char *replaced[] = {file->name, file->checksum};
    snprintf(version, sizeof version, "%d", schema_file_version(file));
    if (schema_file_is_replaceable(file)) {
        return db_execute(migrate->db,
                          "insert into coco.schema_files (file, checksum) values ($1, $2) "
                          "on conflict (file) do update set checksum = excluded.checksum, "
                          "applied_at = excluded.applied_at",
                          2, replaced, err);
    }
    if (schema_file_version(file) == 0) return true;
    return db_execute(migrate->db,
                      "insert into coco.schema_versions (version, file) values ($1, $2)", 2,
                      migration, err);
}

static bool apply(struct migrate *migrate, const struct schema_file *file, struct err *err) {
    if (migrate->dry_run) {
        migrate->print(migrate->self, file->sql);
        return true;
    }
    if (db_script(migrate->db, file->sql, err)) return true;
    if (err->code == ERR_INTERNAL) {
        snprintf(err->message, sizeof err->message, "the database refused sql/%s:", file->name);
    }
    return false;
}

/* ---- the files of one transaction -------------------------------------------------------- */

/* A range of schema_files: from first to before end. */
struct unit {
    const struct schema_file *first;
    const struct schema_file *end;
};

static bool has_pending(const struct schema_state *state, const struct unit *unit) {
    for (const struct schema_file *file = unit->first; file != unit->end; file++) {
        if (!schema_is_applied(state, file)) return true;
    }
    return false;
}

/* If one file of functions has changed, all are applied, because drop_functions.sql drops what the
 * version before had; this locks nothing. An unchanged view is left alone, because
 * replacing it makes its readers wait. */
static bool apply_file(struct migrate *migrate, const struct schema_state *state,
                       const struct schema_file *file, struct buf *report, struct err *err) {
    bool pending = !schema_is_applied(state, file);
    if (!pending && is_view(file)) return true;
    if (!apply(migrate, file, err)) return false;
    if (!pending) return true;
    if (migrate->dry_run) {
        print_record(migrate, file);
        return true;
    }
    buf_printf(report, "%s %s\n", schema_file_is_replaceable(file) ? "replaced" : "applied",
               file->name);
    return record(migrate, file, err);
}

static bool apply_files(struct migrate *migrate, const struct schema_state *state,
                        const struct unit *unit, struct buf *report, struct err *err) {
    if (!has_pending(state, unit)) return true;
    for (const struct schema_file *file = unit->first; file != unit->end; file++) {
        if (!apply_file(migrate, state, file, report, err)) return false;
    }
    return true;
}

/* Names are looked up in pg_catalog only, so that a function somebody created in public is not
 * called with the rights of pgcoco. */
static const char begin_sql[] = "begin isolation level read committed read write;\n"
                                "set local search_path = pg_catalog, pg_temp;\n"
                                "set local client_min_messages = warning;\n"
                                "set local check_function_bodies = off;\n"
                                "set local statement_timeout = 0;\n";

static bool begin(struct migrate *migrate, struct err *err) {
    char timeout[32];
    const char *params[] = {timeout};
    snprintf(timeout, sizeof timeout, "%ums", migrate->lock_timeout_ms);
    return db_script(migrate->db, begin_sql, err) &&
           db_execute(migrate->db, "select set_config('lock_timeout', $1, true)", 1, params, err) &&
           db_execute(migrate->db,
                      "select pg_advisory_xact_lock(hashtextextended('pgcoco migrate', 0))", 0,
                      NULL, err);
}

/* Reads the state again under the lock, because another process may have applied the files. */
static bool try_unit(struct migrate *migrate, const struct unit *unit, struct err *err) {
    struct schema_state state = {0};
    struct buf report;
    buf_init(&report, REPORT_MAX);
    bool good = begin(migrate, err) && schema_read_state(migrate->db, &state, err) &&
                apply_files(migrate, &state, unit, &report, err) && db_commit(migrate->db, err);
    if (!good) db_rollback(migrate->db);
    if (good && report.len > 0) {
        report.len--; /* print adds the last newline */
        migrate->print(migrate->self, buf_text(&report));
        migrate->has_changed = true;
    }
    schema_state_free(&state);
    buf_free(&report);
    return good;
}

/* ---- the files that are missing ---------------------------------------------------------- */

static bool print_unit(struct migrate *migrate, const struct schema_state *state,
                       const struct unit *unit, struct err *err) {
    char timeout[64];
    migrate->has_changed = true;
    snprintf(timeout, sizeof timeout, "set local lock_timeout = '%ums';", migrate->lock_timeout_ms);
    migrate->print(migrate->self, begin_sql);
    migrate->print(migrate->self, timeout);
    migrate->print(migrate->self,
                   "do $$ begin perform pg_advisory_xact_lock(hashtextextended('pgcoco migrate', "
                   "0)); end $$;");
    bool good = apply_files(migrate, state, unit, NULL, err);
    migrate->print(migrate->self, "commit;\n");
    return good;
}

static bool run_unit(struct migrate *migrate, const struct schema_state *state,
                     const struct unit *unit, struct err *err) {
    int64_t until = clock_ms() + (int64_t)migrate->wait_s * 1000;
    bool said = false;
    if (!has_pending(state, unit)) return true;
    if (migrate->dry_run) return print_unit(migrate, state, unit, err);
    while (!try_unit(migrate, unit, err)) {
        if (strcmp(err->sqlstate, "55P03") != 0) return false; /* lock_not_available */
        if (clock_ms() >= until) {
            snprintf(err->message, sizeof err->message,
                     "a lock was not free for %u s; try again when the database is less busy:",
                     migrate->wait_s);
            return false;
        }
        if (!said) migrate->print(migrate->self, "waiting for a lock ...");
        said = true;
        usleep(PAUSE_US);
    }
    return true;
}

/* Reads a sentence about settings that the database lacks; empty if it has all. The caller frees
 * *missing. */
static bool find_missing_settings(struct migrate *migrate, struct buf *missing, struct err *err) {
    buf_init(missing, 4096);
    return db_document(migrate->db, "select coco.missing_settings()", 0, NULL, missing, err);
}

/* Applies the settings and reports those still missing: only the owner of the database can set all
 * of them. */
static bool apply_settings(struct migrate *migrate, const struct schema_file *file,
                           struct err *err) {
    struct buf missing;
    if (!apply(migrate, file, err)) return false;
    if (migrate->dry_run) return true;
    bool good = find_missing_settings(migrate, &missing, err);
    if (good) {
        migrate->print(migrate->self, missing.len > 0 ? buf_text(&missing)
                                                      : "restored the settings of the database");
    }
    buf_free(&missing);
    return good;
}

static bool restore_settings(struct migrate *migrate, const struct schema_state *state,
                             struct err *err) {
    struct buf missing;
    const struct schema_file *file = schema_files;
    while (strcmp(file->name, "settings.sql") != 0) file++;
    if (migrate->dry_run && state->version < 0) return apply(migrate, file, err);
    bool good = find_missing_settings(migrate, &missing, err);
    bool is_missing = missing.len > 0;
    buf_free(&missing);
    if (!good || !is_missing) return good;
    migrate->has_changed = true;
    return apply_settings(migrate, file, err);
}

/* Refuses every role but pgcoco. The functions of the schema are pgcoco's: a superuser who called
 * them would lend it the rights of a superuser. */
static bool check_role(struct migrate *migrate, struct err *err) {
    struct rows rows;
    if (!rows_query(&rows, migrate->db,
                    "select current_user, "
                    "pg_catalog.has_database_privilege(current_database(), 'create') or "
                    "exists (select from pg_catalog.pg_namespace where nspname = 'coco'), "
                    "pg_catalog.current_setting('server_encoding'), current_database(), "
                    "exists (select from pg_catalog.pg_roles where rolname = 'pgcoco')",
                    0, NULL, err)) {
        return false;
    }
    bool good = true;
    if (!rows_bool(&rows, 0, 4) || !rows_bool(&rows, 0, 1)) {
        good = err_set(err, ERR_SCHEMA_MISMATCH,
                       "the role pgcoco does not exist, or may not create schemas in database %s: "
                       "as a superuser, run psql -f roles.sql in it first",
                       rows_text(&rows, 0, 3));
    } else if (strcmp(rows_text(&rows, 0, 0), "pgcoco") != 0) {
        good = err_set(err, ERR_SCHEMA_MISMATCH,
                       "the schema belongs to the role pgcoco: connect as pgcoco, not as %s",
                       rows_text(&rows, 0, 0));
    } else if (strcmp(rows_text(&rows, 0, 2), "UTF8") != 0) {
        good =
            err_set(err, ERR_SCHEMA_MISMATCH, "database %s has the encoding %s; pgcoco needs UTF8",
                    rows_text(&rows, 0, 3), rows_text(&rows, 0, 2));
    }
    rows_free(&rows);
    return good;
}

static bool check_version(const struct schema_state *state, struct err *err) {
    return state->version <= schema_version() ||
           err_set(
               err, ERR_SCHEMA_MISMATCH,
               "the schema of the database has version %d, but this pgcoco knows version %d: use "
               "the pgcoco that migrated it",
               state->version, schema_version());
}

/* The bootstrap and the migrations, a transaction each, then all replaceable files in one. */
static bool run_units(struct migrate *migrate, const struct schema_state *state, struct err *err) {
    const struct schema_file *file = schema_files;
    for (; !schema_file_is_replaceable(file); file++) {
        if (!run_unit(migrate, state, &(struct unit){file, file + 1}, err)) return false;
    }
    struct unit replaceable = {file, file};
    while (schema_file_is_replaceable(replaceable.end)) replaceable.end++;
    return run_unit(migrate, state, &replaceable, err) && restore_settings(migrate, state, err);
}

bool migrate_run(struct migrate *migrate, struct err *err) {
    struct schema_state state = {0};
    migrate->has_changed = false;
    bool good = check_role(migrate, err) && schema_read_state(migrate->db, &state, err) &&
                check_version(&state, err) && run_units(migrate, &state, err);
    schema_state_free(&state);
    return good;
}
