/* A connection to PostgreSQL: see db.h. */
#include "store/db.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/libpq.h"

enum {
    CANCEL_AGAIN_MS = 1000
};

/* Conditions that sql/functions raise (class CO), and one of PostgreSQL's that is the
 * client's fault. */
static const struct {
    char sqlstate[6];
    enum err_code code;
} conditions[] = {
    {"CO400", ERR_BAD_REQUEST},
    {"CO401", ERR_UNKNOWN_DATASET},
    {"CO402", ERR_UNKNOWN_RUN},
    {"CO403", ERR_UNKNOWN_IMPORT},
    {"CO404", ERR_UNKNOWN_SLICE},
    {"CO405", ERR_NO_MATCHES},
    {"CO406", ERR_UNKNOWN_EVALUATION},
    {"CO407", ERR_UNKNOWN_IMAGE},
    {"CO410", ERR_NO_PICTURE},
    {"CO422", ERR_WRONG_SHAPE},
    {"CO901", ERR_DATASET_EXISTS},
    {"CO902", ERR_DATASET_HAS_RUNS},
    {"CO903", ERR_IMPORT_RUNNING},
    {"CO904", ERR_TOKEN_IN_USE},
    {"CO905", ERR_BUSY},
    {"CO906", ERR_RUN_EXISTS},
    {"22021", ERR_BAD_REQUEST}, /* a name that is not UTF-8 */
};

/* Conditions of PostgreSQL that a later attempt may not meet. A state of two letters is
 * a whole class. */
static const struct {
    const char *state;
    enum err_code code;
    const char *message;
} passing[] = {
    {"08", ERR_DATABASE_AWAY, "the database cannot be reached; try again"},
    {"57P01", ERR_DATABASE_AWAY, "the database is shutting down; try again"},
    {"57P02", ERR_DATABASE_AWAY, "the database has crashed and is recovering; try again"},
    {"57P03", ERR_DATABASE_AWAY, "the database is starting or shutting down; try again"},
    {"53300", ERR_DATABASE_AWAY, "the database has no connection left; try again"},
    {"53", ERR_DATABASE_AWAY, "the database is out of resources; try again"},
    {"25006", ERR_READ_ONLY, "the database accepts no writes: it is a standby or read-only"},
    {"25P03", ERR_DATABASE_AWAY,
     "the database ended a transaction that was idle for longer than it allows; try again"},
    {"25P04", ERR_DATABASE_AWAY,
     "the database ended a transaction that took longer than it allows; try again"},
    {"57014", ERR_BUSY,
     "the database cancelled a statement: it took longer than allowed, or somebody cancelled "
     "it; try again"},
    {"40001", ERR_BUSY, "another transaction changed the same rows; try again"},
    {"40P01", ERR_BUSY, "this transaction and another one waited for each other; try again"},
    {"55P03", ERR_BUSY, "another transaction holds a lock that is needed; try again"},
};

static bool passing_condition(const char *sqlstate, struct err *err) {
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (strncmp(sqlstate, passing[i].state, strlen(passing[i].state)) != 0) continue;
        err_set(err, passing[i].code, "%s", passing[i].message);
        return true;
    }
    return false;
}

static bool own_condition(const PGresult *result, const char *sqlstate, struct err *err) {
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        if (strcmp(sqlstate, conditions[i].sqlstate) != 0) continue;
        const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        err_set(err, conditions[i].code, "%s", message ? message : "");
        return true;
    }
    return false;
}

bool db_error(const struct db *db, const PGresult *result, struct err *err) {
    const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *words = result ? PQresultErrorMessage(result) : PQerrorMessage(db->conn);
    if (!sqlstate) sqlstate = "";
    if (!own_condition(result, sqlstate, err) && !passing_condition(sqlstate, err)) {
        if (PQstatus(db->conn) == CONNECTION_OK) {
            err_set(err, ERR_INTERNAL, "the database refused the statement; the log says why");
        } else {
            err_set(err, ERR_DATABASE_AWAY, "the database cannot be reached; try again");
        }
    }
    snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate);
    snprintf(err->detail, sizeof err->detail, "%s", words);
    return false;
}

bool db_connect(struct db *db, const char *conninfo, struct err *err) {
    /* conninfo overrides the parameters before it. */
    const char *keywords[] = {"connect_timeout", "dbname", "fallback_application_name",
                              "client_encoding", NULL};
    const char *values[] = {getenv("PGCONNECT_TIMEOUT") ? NULL : "10", conninfo ? conninfo : "",
                            "pgcoco", "UTF8", NULL};
    db->conninfo = conninfo;
    db->progress = NULL;
    db->conn = PQconnectdbParams(keywords, values, 1);
    if (!db->conn) return err_set(err, ERR_BUSY, "out of memory for a connection");
    if (PQstatus(db->conn) == CONNECTION_OK) return true;
    db_error(db, NULL, err);
    db_close(db);
    return false;
}

void db_close(struct db *db) {
    PQfinish(db->conn);
    db->conn = NULL;
}

bool db_is_usable(const struct db *db) {
    if (PQstatus(db->conn) != CONNECTION_OK) return false;
    if (PQtransactionStatus(db->conn) != PQTRANS_IDLE) return false;
    /* An idle backend sends nothing. If there is something to read, it is most likely
     * its last message. */
    struct pollfd socket = {.fd = PQsocket(db->conn), .events = POLLIN};
    return poll(&socket, 1, 0) == 0;
}

bool db_reconnect(struct db *db, struct err *err) {
    db_close(db);
    return db_connect(db, db->conninfo, err);
}

/* True if a result can be read or the connection is lost; false after `ms` milliseconds. */
static bool has_answer(struct db *db, int64_t ms) {
    struct pollfd socket = {.fd = PQsocket(db->conn), .events = POLLIN};
    int64_t until = clock_ms() + ms;
    while (PQisBusy(db->conn)) {
        int64_t left = until - clock_ms();
        if (left <= 0) return false;
        poll(&socket, 1, (int)left);
        if (!PQconsumeInput(db->conn)) return true;
    }
    return true;
}

static void cancel(struct db *db) {
    char reason[256];
    PGcancel *handle = PQgetCancel(db->conn);
    if (handle && !PQcancel(handle, reason, sizeof reason)) log_warning("cancel: %s", reason);
    PQfreeCancel(handle);
}

/* Waits for the statement that was sent, and cancels it when the work must end. */
static void await_answer(struct db *db) {
    struct err ignored; /* told again */
    int64_t wait = PROGRESS_ASK_MS;
    while (!has_answer(db, wait)) {
        if (progress_go_on(db->progress, &ignored)) continue;
        cancel(db);
        wait = CANCEL_AGAIN_MS;
    }
}

/* Like PQexecParams, but the work may end. */
static PGresult *run_watched(struct db *db, const char *sql, int count, const char *const *params) {
    PGresult *last = NULL;
    PGresult *result;
    if (!PQsendQueryParams(db->conn, sql, count, NULL, params, NULL, NULL, 0)) return NULL;
    await_answer(db);
    while ((result = PQgetResult(db->conn)) != NULL) {
        PQclear(last);
        last = result;
    }
    return last;
}

static bool is_good(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

PGresult *db_query(struct db *db, const char *sql, int count, const char *const *params,
                   struct err *err) {
    PGresult *result = db->progress
                           ? run_watched(db, sql, count, params)
                           : PQexecParams(db->conn, sql, count, NULL, params, NULL, NULL, 0);
    if (is_good(result)) return result;
    db_error(db, result, err);
    PQclear(result);
    (void)progress_go_on(db->progress, err); /* the reason why it was cancelled */
    return NULL;
}

bool db_execute(struct db *db, const char *sql, int count, const char *const *params,
                struct err *err) {
    PGresult *result = db_query(db, sql, count, params, err);
    PQclear(result);
    return result != NULL;
}

bool db_script(struct db *db, const char *sql, struct err *err) {
    PGresult *result = PQexec(db->conn, sql);
    bool good = is_good(result);
    if (!good) db_error(db, result, err);
    PQclear(result);
    return good;
}

bool db_execute_within(struct db *db, const char *sql, unsigned ms, struct err *err) {
    bool good = true;
    PGresult *result;
    if (!PQsendQueryParams(db->conn, sql, 0, NULL, NULL, NULL, NULL, 0)) {
        return db_error(db, NULL, err);
    }
    for (int64_t wait = ms; !has_answer(db, wait); wait = CANCEL_AGAIN_MS) cancel(db);
    while ((result = PQgetResult(db->conn)) != NULL) {
        if (good && PQresultStatus(result) != PGRES_COMMAND_OK) good = db_error(db, result, err);
        PQclear(result);
    }
    return good;
}

bool db_document(struct db *db, const char *sql, int count, const char *const *params,
                 struct buf *into, struct err *err) {
    PGresult *result = db_query(db, sql, count, params, err);
    if (!result) return false;
    if (PQntuples(result) > 0 && !PQgetisnull(result, 0, 0)) {
        buf_put(into, PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0));
    }
    PQclear(result);
    return !into->failed || err_set(err, ERR_INTERNAL, "the document is too large");
}

/* Begins a transaction. The modes and the time-out are explicit, because the role or the database
 * may have other defaults; the time-out of a statement is armed before it runs, so it is set here.
 * A standby refuses "read write" with 0A000 (feature not supported). */
static bool begin(struct db *db, const char *sql, struct err *err) {
    if (db_script(db, sql, err)) return true;
    if (strcmp(err->sqlstate, "0A000") == 0) {
        err->code = ERR_READ_ONLY;
        snprintf(err->message, sizeof err->message,
                 "the database accepts no writes: it is a standby or read-only");
    }
    return false;
}

bool db_begin(struct db *db, struct err *err) {
    return begin(db,
                 "begin isolation level read committed read write;"
                 "set local statement_timeout = 0",
                 err);
}

bool db_begin_reading(struct db *db, struct err *err) {
    return begin(db,
                 "begin isolation level repeatable read read only;"
                 "set local statement_timeout = 0",
                 err);
}

/* COMMIT of a failed transaction succeeds with the command tag ROLLBACK. A commit is never
 * cancelled: PostgreSQL would only end its wait for a standby. */
bool db_commit(struct db *db, struct err *err) {
    PGresult *result = PQexec(db->conn, "commit");
    bool good = is_good(result);
    bool committed = good && strcmp(PQcmdStatus(result), "COMMIT") == 0;
    if (!good) db_error(db, result, err);
    PQclear(result);
    if (!good) return false;
    return committed ||
           err_set(err, ERR_INTERNAL, "the transaction had failed and was rolled back");
}

bool db_change(struct db *db, const char *sql, int count, const char *const *params,
               struct err *err) {
    if (db_begin(db, err) && db_execute(db, sql, count, params, err) && db_commit(db, err)) {
        return true;
    }
    db_rollback(db);
    return false;
}

void db_rollback(struct db *db) {
    struct err ignored; /* if the connection is lost, the server has rolled back */
    if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
        db_execute(db, "rollback", 0, NULL, &ignored);
}
