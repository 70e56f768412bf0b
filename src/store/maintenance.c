/* Analyzes, indexes, detaches and drops leaves: see maintenance.h. */
#include "store/maintenance.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/db.h"
#include "store/rows.h"

enum {
    LOOK_AGAIN_US = 50 * 1000,
    DETACH_MS = 20 * 1000, /* limit for a concurrent detach, which waits for readers */
    SECONDS_ROOM = 32
};

/* A collection uses two connections. `lock` holds the collection's lock in an open transaction:
 * DETACH CONCURRENTLY cannot run in a transaction, and through pgbouncer a session lock would stay
 * behind on a server connection. For the same reason settings last for a transaction, with the
 * exception in run_detach. */
struct collection {
    struct db db;
    struct db lock;
    const struct maintenance_settings *settings;
    unsigned wait_s;
    struct maintenance_done *done;
    unsigned succeeded; /* commands in this round */
};

/* True for the errors that another session causes: lock not available, object in use, detach
 * already pending, table already gone, deadlock, cancelled. */
static bool is_in_the_way(const char *sqlstate) {
    static const char *const states[] = {"55P03", "55006", "55000", "42P01", "40P01", "57014"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(sqlstate, states[i]) == 0) return true;
    }
    return false;
}

/* One message for both, so that no round trip passes between drop_leaf's last look for pg_dump and
 * the commit. */
static bool run_and_commit(struct db *db, const char *command, struct err *err) {
    struct buf script;
    buf_init(&script, 4096);
    buf_printf(&script, "%s; commit", command);
    bool good = script.failed
                    ? err_set(err, ERR_INTERNAL, "a command of the collection is too long")
                    : db_script(db, buf_text(&script), err);
    buf_free(&script);
    return good;
}

/* Runs a command that must not make readers queue behind its lock request. It gives up after 50 ms,
 * which is also less than deadlock_timeout: finalizing a detach waits for older snapshots while
 * holding locks that their owners may want. Once it has its locks it may take long, as an index of
 * a large leaf does; that keeps no reader out. */
static bool run_in_transaction(struct db *db, const char *command, struct err *err) {
    bool good =
        db_begin(db, err) &&
        db_script(db, "set local lock_timeout = '50ms'; set local statement_timeout = 0", err) &&
        run_and_commit(db, command, err);
    if (!good) db_rollback(db);
    return good;
}

/* DETACH CONCURRENTLY holds no lock while it waits for the current readers of its bucket. After
 * that it waits for sessions that use the leaf itself, such as pg_dump, with a lock that imports
 * into the bucket wait for; hence the limit. It cannot run in a transaction, where
 * statement_timeout could be set, so it is cancelled from here. */
static bool run_detach(struct db *db, const char *command, struct err *err) {
    if (db_execute_within(db, command, DETACH_MS, err)) return true;
    if (strcmp(err->sqlstate, "25006") != 0) return false;
    /* A setting of the role or the database makes transactions read-only, and outside a transaction
     * block only a session setting overrides it. A pooler may send the three statements to
     * different connections: then the detach fails again, or the setting stays off in a session,
     * where pgcoco is not affected, because db_begin sets the mode of every transaction. */
    bool good = db_execute(db, "set default_transaction_read_only = off", 0, NULL, err) &&
                db_execute_within(db, command, DETACH_MS, err);
    struct err ignored;
    db_execute(db, "reset default_transaction_read_only", 0, NULL, &ignored);
    return good;
}

static void count(const char *action, struct maintenance_done *done) {
    if (strcmp(action, "analyze") == 0) done->analyzed++;
    if (strcmp(action, "drop") == 0) done->dropped++;
    if (strcmp(action, "index") == 0 || strcmp(action, "keys") == 0) done->prepared++;
}

/* Whether a drop has taken place. drop_leaf gives way without an error, and its answer is lost: it
 * came together with that of the commit. */
static bool confirm_drop(struct db *db, const char *leaf, struct err *err) {
    struct rows answer;
    bool good = rows_query(&answer, db, "select to_regclass($1) is null", 1, &leaf, err);
    bool gone = good && rows_bool(&answer, 0, 0);
    if (good && !gone) snprintf(err->sqlstate, sizeof err->sqlstate, "55006"); /* in use */
    rows_free(&answer);
    return gone;
}

/* The database writes the commands and quotes the identifiers. */
static bool run_command(struct collection *c, const char *leaf, const char *action,
                        const char *command) {
    struct err err;
    bool good = strcmp(action, "detach") == 0 ? run_detach(&c->db, command, &err)
                                              : run_in_transaction(&c->db, command, &err);
    if (good && strcmp(action, "drop") == 0) good = confirm_drop(&c->db, leaf, &err);
    if (good) {
        count(action, c->done);
        c->succeeded++;
        return true;
    }
    c->done->postponed++;
    if (!is_in_the_way(err.sqlstate)) log_warning("maintenance: %s: %s", command, err.detail);
    return false;
}

/* Requests the lock in the open transaction; a process that has it gets it again. A query with
 * parameters leaves its portal open, with a snapshot that detaches would wait for; the script
 * closes the portal. */
static bool try_lock(struct db *lock, bool *locked, struct err *err) {
    struct rows answer;
    bool good = rows_query(&answer, lock, "select coco.lock_collection()", 0, NULL, err);
    *locked = rows_bool(&answer, 0, 0);
    rows_free(&answer);
    return good && db_script(lock, "set local idle_in_transaction_session_timeout = 0", err);
}

/* True if this process still has the lock; it is lost with its connection. */
static bool has_lock(struct collection *c) {
    struct err err;
    bool locked = false;
    if (try_lock(&c->lock, &locked, &err) && locked) return true;
    log_warning("maintenance: lost the lock of the collection: %s", err.detail);
    return false;
}

/* After a failed command its leaf is left alone in this round: dropping a leaf that could not be
 * detached would make readers wait. So is its bucket, because a session that blocks one detach
 * blocks all. */
static bool run_commands(struct collection *c, const struct rows *commands) {
    const char *failed_leaf = "";
    const char *failed_bucket = "";
    for (int i = 0; i < commands->count; i++) {
        const char *leaf = rows_text(commands, i, 0);
        const char *action = rows_text(commands, i, 1);
        const char *bucket = rows_text(commands, i, 3);
        if (strcmp(leaf, failed_leaf) == 0) continue;
        if (bucket[0] && strcmp(bucket, failed_bucket) == 0) continue;
        if (strcmp(action, "analyze") != 0 && !has_lock(c)) return false;
        if (run_command(c, leaf, action, rows_text(commands, i, 2))) continue;
        failed_leaf = leaf;
        failed_bucket = bucket;
    }
    return true;
}

/* Polls instead of waiting in one statement, which would hold a snapshot that the collecting
 * process waits for. */
static bool lock_collection(struct collection *c, struct err *err) {
    int64_t until = clock_ms() + (int64_t)c->wait_s * 1000;
    bool locked = false;
    for (;;) {
        if (!db_begin(&c->lock, err) || !try_lock(&c->lock, &locked, err)) return false;
        if (locked) break;
        db_rollback(&c->lock);
        if (clock_ms() >= until) break;
        usleep(LOOK_AGAIN_US);
    }
    c->done->elsewhere = !locked;
    return true;
}

/* Runs until nothing changes any more, because other processes leave new garbage to this one. */
static bool collect(struct collection *c, struct err *err) {
    char grace[SECONDS_ROOM], keep[SECONDS_ROOM];
    snprintf(grace, sizeof grace, "%u seconds", c->settings->grace_s);
    snprintf(keep, sizeof keep, "%u seconds", c->settings->keep_s);
    if (!lock_collection(c, err)) return false;
    const char *params[] = {grace, keep, c->done->elsewhere ? "f" : "t",
                            c->settings->no_preparations ? "f" : "t"};
    bool goes_on = true;
    do {
        c->succeeded = 0;
        struct rows commands = {0};
        bool good = db_begin(&c->db, err) &&
                    rows_query(&commands, &c->db,
                               "select leaf, action, command, bucket "
                               "from coco.maintenance($1::interval, $2::interval, $3, $4)",
                               4, params, err) &&
                    db_commit(&c->db, err);
        goes_on = good && run_commands(c, &commands);
        rows_free(&commands);
        if (!good) return false;
    } while (goes_on && c->succeeded > 0);
    return true;
}

static bool forget_imports(struct collection *c, struct err *err) {
    char days[SECONDS_ROOM], count[SECONDS_ROOM];
    struct rows answer;
    snprintf(days, sizeof days, "%u days", c->settings->history_days);
    snprintf(count, sizeof count, "%u", c->settings->history_rows);
    const char *params[] = {days, count};
    if (!db_begin(&c->db, err)) return false;
    bool good = rows_query(&answer, &c->db, "select coco.forget_imports($1::interval, $2)", 2,
                           params, err) &&
                db_commit(&c->db, err);
    c->done->forgotten = (unsigned)rows_int64(&answer, 0, 0);
    rows_free(&answer);
    return good;
}

/* Logs the sentence that the statement returns, unless it is null. */
static bool warn(struct db *db, const char *sql, struct err *err) {
    struct buf warning;
    buf_init(&warning, 1000);
    bool good = db_document(db, sql, 0, NULL, &warning, err);
    if (good && warning.len > 0) log_warning("%s", buf_text(&warning));
    buf_free(&warning);
    return good;
}

bool maintenance_warn(const char *conninfo, struct err *err) {
    struct db db;
    if (!db_connect(&db, conninfo, err)) return false;
    bool good = warn(&db, "select coco.leaves_warning()", err) &&
                warn(&db, "select coco.missing_settings()", err);
    db_close(&db);
    return good;
}

bool maintenance_run(const char *conninfo, const struct maintenance_settings *settings,
                     unsigned wait_s, struct maintenance_done *done, struct err *err) {
    struct collection c = {.settings = settings, .wait_s = wait_s, .done = done};
    memset(done, 0, sizeof *done);
    bool good = db_connect(&c.db, conninfo, err) && db_connect(&c.lock, conninfo, err) &&
                collect(&c, err) && forget_imports(&c, err);
    if (c.lock.conn) db_close(&c.lock);
    if (c.db.conn) db_close(&c.db);
    return good;
}
