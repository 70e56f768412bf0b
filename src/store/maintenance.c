/* Analyzing and collecting: see maintenance.h. */
#include "store/maintenance.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/db.h"
#include "store/rows.h"

enum {
    LOOK_AGAIN_US = 50 * 1000
};

/* What running into readers, or into somebody who collects by hand, looks like: lock not available,
 * object in use, a detach already pending, the table already gone, deadlock. */
static bool is_in_the_way(const char *sqlstate) {
    static const char *const states[] = {"55P03", "55006", "55000", "42P01", "40P01"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(sqlstate, states[i]) == 0) return true;
    }
    return false;
}

/* A concurrent detach holds no lock while it waits for the readers there are, and those that come do not wait for
 * it; behind that it may wait for who uses the leaf itself (pg_dump), and imports into its bucket for it, as long
 * again. A reader that waits behind a drop would be worse than garbage. So would one behind a detach being finalized,
 * which waits for older snapshots with locks in its hands: it gives up before PostgreSQL finds a deadlock. */
static const char wait_for_readers[] = "set lock_timeout = '20s'";
static const char wait_for_nobody[] = "set lock_timeout = '50ms'";

static void count(const char *command, struct maintenance_done *done) {
    if (strncmp(command, "analyze", 7) == 0) done->analyzed++;
    if (strncmp(command, "drop", 4) == 0) done->dropped++;
}

/* The statements come whole from the database, identifiers quoted. */
static bool run_command(struct db *db, const char *command, struct maintenance_done *done) {
    struct err err;
    const char *timeout = strstr(command, " concurrently") ? wait_for_readers : wait_for_nobody;
    if (db_execute(db, timeout, 0, NULL, &err) && db_execute(db, command, 0, NULL, &err)) {
        count(command, done);
        return true;
    }
    done->postponed++;
    if (!is_in_the_way(err.sqlstate)) log_warning("maintenance: %s: %s", command, err.detail);
    return false;
}

/* One that fails does not keep other leaves from being collected; but what is left of its own leaf
 * waits: dropping a leaf that could not be detached would make readers wait. So does what is left of its
 * bucket, where who was in the way of one detach is in the way of all. */
static void run_commands(struct db *db, const struct rows *commands,
                         struct maintenance_done *done) {
    const char *failed_leaf = "";
    const char *failed_bucket = "";
    for (int i = 0; i < commands->count; i++) {
        const char *leaf = rows_text(commands, i, 0);
        const char *bucket = rows_text(commands, i, 2);
        if (strcmp(leaf, failed_leaf) == 0) continue;
        if (bucket[0] && strcmp(bucket, failed_bucket) == 0) continue;
        if (run_command(db, rows_text(commands, i, 1), done)) continue;
        failed_leaf = leaf;
        failed_bucket = bucket;
    }
}

static bool try_lock_collection(struct db *db, bool *locked, struct err *err) {
    struct rows answer;
    bool good = rows_query(&answer, db, "select coco.lock_collection()", 0, NULL, err);
    *locked = rows_bool(&answer, 0, 0);
    rows_free(&answer);
    return good;
}

/* Asks again and again: a statement that waits would have a snapshot, which is in the way of those who drop. */
static bool lock_collection(struct db *db, unsigned wait_s, struct maintenance_done *done,
                            struct err *err) {
    int64_t until = clock_ms() + (int64_t)wait_s * 1000;
    bool locked;
    for (;;) {
        if (!try_lock_collection(db, &locked, err)) return false;
        if (locked || clock_ms() >= until) break;
        usleep(LOOK_AGAIN_US);
    }
    done->elsewhere = !locked;
    return true;
}

/* Until there is nothing more to drop: others leave to this process what has become garbage meanwhile. */
static bool run_maintenance(struct db *db, unsigned grace_s, unsigned wait_s,
                            struct maintenance_done *done, struct err *err) {
    char grace[32];
    unsigned dropped;
    snprintf(grace, sizeof grace, "%u seconds", grace_s);
    if (!lock_collection(db, wait_s, done, err)) return false;
    const char *params[] = {grace, done->elsewhere ? "f" : "t"};
    do {
        dropped = done->dropped;
        if (!db_execute(db, wait_for_nobody, 0, NULL, err)) return false;
        struct rows commands;
        bool good = rows_query(
            &commands, db, "select leaf, command, bucket from coco.maintenance($1::interval, $2)",
            2, params, err);
        run_commands(db, &commands, done);
        rows_free(&commands);
        if (!good) return false;
    } while (done->dropped > dropped);
    return true;
}

bool maintenance_warn(const char *conninfo, struct err *err) {
    struct db db;
    struct buf warning;
    buf_init(&warning, 1000);
    if (!db_connect(&db, conninfo, err)) return false;
    bool good = db_document(&db, "select coco.leaves_warning()", 0, NULL, &warning, err);
    if (good && warning.len > 0) log_warning("%s", buf_text(&warning));
    buf_free(&warning);
    db_close(&db);
    return good;
}

bool maintenance_run(const char *conninfo, unsigned grace_s, unsigned wait_s,
                     struct maintenance_done *done, struct err *err) {
    struct db db;
    memset(done, 0, sizeof *done);
    if (!db_connect(&db, conninfo, err)) return false;
    bool good = run_maintenance(&db, grace_s, wait_s, done, err);
    db_close(&db);
    return good;
}
