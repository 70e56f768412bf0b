/* Checks whether the database can take imports: see readiness.h. */
#include "store/readiness.h"

#include "base/log.h"
#include "store/rows.h"
#include "store/schema.h"

static bool is_true(struct db *db, const char *sql, bool *answer, struct err *err) {
    struct rows rows;
    bool good = rows_query(&rows, db, sql, 0, NULL, err);
    if (good) *answer = rows_bool(&rows, 0, 0);
    rows_free(&rows);
    return good;
}

/* Begins like an import, because an import overrides some settings that would be in the way. */
static bool check_transaction(struct db *db, struct err *err) {
    bool read_only;
    if (!db_begin(db, err)) return false;
    bool good = is_true(db, "select pg_catalog.current_setting('transaction_read_only')::boolean",
                        &read_only, err);
    db_rollback(db);
    if (!good || !read_only) return good;
    return err_set(err, ERR_READ_ONLY,
                   "the database is read-only: set default_transaction_read_only = off for the "
                   "database and the role of pgcoco");
}

static bool check_writable(struct db *db, struct err *err) {
    bool in_recovery;
    if (!is_true(db, "select pg_catalog.pg_is_in_recovery()", &in_recovery, err)) return false;
    if (!in_recovery) return check_transaction(db, err);
    return err_set(err, ERR_READ_ONLY,
                   "the database is a standby, which accepts no imports: give --db the primary, or "
                   "several hosts and target_session_attrs=read-write");
}

bool readiness_check(struct db *db, struct err *err) {
    return check_writable(db, err) && schema_check(db, err);
}

bool readiness_check_start(const char *conninfo, struct err *err) {
    struct db db;
    bool good = db_connect(&db, conninfo, err);
    if (good) {
        good = schema_check(&db, err);
        db_close(&db);
    }
    if (good || err->code == ERR_SCHEMA_MISMATCH) return good;
    log_warning("the schema cannot be checked; /readyz answers 503 until it can: %s %s",
                err->message, err->detail);
    return true;
}
