/* COPY FROM STDIN in binary format: see copy.h. */
#include "store/copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/libpq.h"

void copy_init(struct copy *copy, struct db *db) {
    *copy = (struct copy){.db = db};
}

/* Reads all results. Returns the first failed one, else the last one; NULL if there is none. */
static PGresult *drain(struct copy *copy) {
    PGresult *outcome = NULL;
    PGresult *result;
    while ((result = PQgetResult(copy->db->conn)) != NULL) {
        bool keep = !outcome || PQresultStatus(outcome) == PGRES_COMMAND_OK;
        PQclear(keep ? outcome : result);
        if (keep) outcome = result;
        if (PQresultStatus(outcome) == PGRES_COPY_IN)
            break; /* repeats for ever if the connection is lost */
    }
    return outcome;
}

/* Publishes the number of rows of ended statements, for progress views. */
static bool note_rows(struct copy *copy, struct err *err) {
    char rows[24];
    snprintf(rows, sizeof rows, "%" PRIu64, copy->rows);
    const char *params[] = {rows};
    return db_execute(copy->db, "select coco.import_copied($1)", 1, params, err);
}

/* A statement with parameters leaves its portal open, with a snapshot. A statement without
 * parameters closes the portal. */
static bool drop_snapshot(struct copy *copy, struct err *err) {
    return db_script(copy->db, "set local statement_timeout = 0", err);
}

/* Ends the COPY statement after all blocks were sent. sent: false if one could not be sent. */
static bool end_statement(struct copy *copy, bool sent, struct err *err) {
    PQputCopyEnd(copy->db->conn, sent ? NULL : "the rows could not be sent");
    PGresult *result = drain(copy);
    bool good = sent && PQresultStatus(result) == PGRES_COMMAND_OK;
    if (good) {
        copy->rows += strtoull(PQcmdTuples(result), NULL, 10);
    } else {
        db_error(copy->db, result, err);
    }
    PQclear(result);
    return good;
}

/* A COPY statement begins with its signature, flags and header extension, and ends with a trailer
 * (PostgreSQL documentation, COPY, "Binary Format"). */
static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
static const char trailer[] = {'\377', '\377'};

enum {
    HEADER_LEN = sizeof header - 1
};

/* Ends the statement between two rows while the source is silent. Runs on the sender's thread, or
 * on the caller's after sender_drain. */
static void rest(void *self) {
    struct copy *copy = self;
    PGconn *conn = copy->db->conn;
    bool sent = PQputCopyData(conn, copy->block, (int)copy->len) == 1 &&
                PQputCopyData(conn, trailer, sizeof trailer) == 1;
    copy->rest_failed = !end_statement(copy, sent, &copy->rest_err) ||
                        !note_rows(copy, &copy->rest_err) || !drop_snapshot(copy, &copy->rest_err);
}

static bool begin_statement(struct copy *copy, struct err *err) {
    struct buf sql;
    buf_init(&sql, 4096);
    buf_printf(&sql, "copy %s (%s) from stdin (format binary%s)", copy->relation, copy->columns,
               copy->freeze ? ", freeze" : "");
    PGresult *result = PQexec(copy->db->conn, buf_text(&sql));
    buf_free(&sql);
    bool good = PQresultStatus(result) == PGRES_COPY_IN;
    if (!good) db_error(copy->db, result, err);
    PQclear(result);
    return good;
}

static void put_header(struct copy *copy) {
    copy->opened_ms = clock_ms();
    copy->len = 0;
    copy_put(copy, header, HEADER_LEN);
}

/* Ends a statement to which nothing was sent. */
static void end_empty(struct copy *copy) {
    struct err ignored;
    PGconn *conn = copy->db->conn;
    bool sent = PQputCopyData(conn, header, HEADER_LEN) == 1 &&
                PQputCopyData(conn, trailer, sizeof trailer) == 1;
    end_statement(copy, sent, &ignored);
}

bool copy_open(struct copy *copy, const char *relation, const char *columns, bool freeze,
               struct err *err) {
    copy->relation = relation;
    copy->columns = columns;
    copy->freeze = freeze;
    copy->rest_failed = false;
    if (copy->rows > 0 && !note_rows(copy, err)) return false;
    if (!begin_statement(copy, err)) return false;
    if (!sender_start(&copy->sender, copy->db->conn, rest, copy, err)) {
        end_empty(copy);
        return false;
    }
    copy->open = true;
    copy->block = sender_block(&copy->sender);
    put_header(copy);
    return true;
}

bool copy_failed(const struct copy *copy) {
    return atomic_load(&copy->sender.failed);
}

static void flush(struct copy *copy) {
    if (copy->len == 0) return;
    sender_send(&copy->sender, copy->len);
    copy->block = sender_block(&copy->sender);
    copy->len = 0;
}

char *copy_reserve(struct copy *copy, size_t len) {
    if (COPY_BLOCK - copy->len < len) flush(copy);
    char *room = copy->block + copy->len;
    copy->len += len;
    return room;
}

void copy_put(struct copy *copy, const void *bytes, size_t len) {
    const char *from = bytes;
    while (len > COPY_BLOCK - copy->len) {
        size_t part = COPY_BLOCK - copy->len;
        memcpy(copy->block + copy->len, from, part);
        copy->len += part;
        from += part;
        len -= part;
        flush(copy);
    }
    if (len == 0) return; /* an empty value may be NULL */
    memcpy(copy->block + copy->len, from, len);
    copy->len += len;
}

bool copy_finish(struct copy *copy, struct err *err) {
    if (!copy->open) return err_set(err, ERR_INTERNAL, "there is no open copy to finish");
    copy_put(copy, trailer, sizeof trailer);
    flush(copy);
    copy->open = false;
    bool sent = sender_stop(&copy->sender);
    if (copy->rest_failed) {
        *err = copy->rest_err;
        return false;
    }
    return end_statement(copy, sent, err);
}

void copy_wait(struct copy *copy) {
    if (copy->open) sender_wait(&copy->sender);
}

/* Starts the next statement after rest(). A failure is sticky, because more rows may come from
 * bytes that were read before. */
static void go_on_from_rest(struct copy *copy) {
    if (!copy->rest_failed) copy->rest_failed = !begin_statement(copy, &copy->rest_err);
    if (copy->rest_failed) sender_fail(&copy->sender);
    put_header(copy);
}

void copy_go_on(struct copy *copy) {
    if (!copy->open) return;
    bool is_at_rest = sender_go_on(&copy->sender);
    if (!is_at_rest && clock_ms() - copy->opened_ms >= COPY_LONGEST_MS && !copy_failed(copy)) {
        sender_drain(&copy->sender);
        is_at_rest = !copy_failed(copy);
        if (is_at_rest) rest(copy);
    }
    if (is_at_rest) go_on_from_rest(copy);
}

void copy_abort(struct copy *copy) {
    struct err ignored; /* the caller has the cause */
    if (copy->open) copy_finish(copy, &ignored);
}
