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

/* The conditions that sql/functions raise, class CO. */
static const struct {
    char sqlstate[6];
    enum err_code code;
} conditions[] = {
    {"CO400", ERR_BAD_REQUEST},    {"CO401", ERR_UNKNOWN_DATASET}, {"CO402", ERR_UNKNOWN_RUN},
    {"CO403", ERR_UNKNOWN_IMPORT}, {"CO901", ERR_DATASET_EXISTS},  {"CO902", ERR_DATASET_HAS_RUNS},
    {"CO903", ERR_IMPORT_RUNNING}, {"22021", ERR_BAD_REQUEST}, /* a name that is not UTF-8 */
};

/* Conditions of PostgreSQL's own that mean "not now": connection exceptions, shutting down,
 * starting up, too many connections. */
static bool is_away(const char *sqlstate) {
    static const char *const states[] = {"57P01", "57P02", "57P03", "53300", "25006"};
    if (strncmp(sqlstate, "08", 2) == 0) return true;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(sqlstate, states[i]) == 0) return true;
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
    if (!own_condition(result, sqlstate, err)) {
        if (PQstatus(db->conn) != CONNECTION_OK || is_away(sqlstate)) {
            err_set(err, ERR_DATABASE_AWAY, "the database cannot be reached; try again");
        } else if (strncmp(sqlstate, "53", 2) == 0) {
            err_set(err, ERR_DATABASE_AWAY, "the database is out of resources; try again");
        } else {
            err_set(err, ERR_INTERNAL, "the database refused the statement; the log says why");
        }
    }
    snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate);
    snprintf(err->detail, sizeof err->detail, "%s", words);
    return false;
}

bool db_connect(struct db *db, const char *conninfo, struct err *err) {
    /* What comes before conninfo can be overridden by it. */
    const char *keywords[] = {"connect_timeout", "dbname", "fallback_application_name",
                              "client_encoding", NULL};
    const char *values[] = {getenv("PGCONNECT_TIMEOUT") ? NULL : "10", conninfo ? conninfo : "",
                            "pgcoco", "UTF8", NULL};
    db->conninfo = conninfo;
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
    /* An idle backend says nothing; if there is something to read, it is most likely its last
     * words. */
    struct pollfd socket = {.fd = PQsocket(db->conn), .events = POLLIN};
    return poll(&socket, 1, 0) == 0;
}

bool db_reconnect(struct db *db, struct err *err) {
    db_close(db);
    return db_connect(db, db->conninfo, err);
}

PGresult *db_query(struct db *db, const char *sql, int count, const char *const *params,
                   struct err *err) {
    PGresult *result = PQexecParams(db->conn, sql, count, NULL, params, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return result;
    db_error(db, result, err);
    PQclear(result);
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
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (!good) db_error(db, result, err);
    PQclear(result);
    return good;
}

/* True once there is a result to read, or the connection is lost; false after `ms`. */
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

bool db_begin(struct db *db, struct err *err) {
    return db_execute(db, "begin", 0, NULL, err);
}

bool db_commit(struct db *db, struct err *err) {
    return db_execute(db, "commit", 0, NULL, err);
}

void db_rollback(struct db *db) {
    struct err ignored; /* if it cannot be said any more, the server has done it by itself */
    if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
        db_execute(db, "rollback", 0, NULL, &ignored);
}
