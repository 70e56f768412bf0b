/* COPY in binary format: see copy.h. */
#include "store/copy.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

bool copy_init(struct copy *copy, struct db *db, struct err *err) {
    *copy = (struct copy){.db = db, .block = malloc(COPY_BLOCK)};
    return copy->block || err_set(err, ERR_BUSY, "out of memory");
}

void copy_free(struct copy *copy) {
    free(copy->block);
    copy->block = NULL;
}

bool copy_open(struct copy *copy, const char *relation, const char *columns, bool freeze,
               struct err *err) {
    /* PostgreSQL documentation, COPY, "Binary Format": signature, flags, header extension. */
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
    struct buf sql;
    buf_init(&sql, 4096);
    buf_printf(&sql, "copy %s (%s) from stdin (format binary%s)", relation, columns,
               freeze ? ", freeze" : "");
    PGresult *result = PQexec(copy->db->conn, buf_text(&sql));
    buf_free(&sql);
    if (PQresultStatus(result) == PGRES_COPY_IN) {
        copy->open = true;
        copy->failed = false;
        copy->len = 0;
        copy_put(copy, header, sizeof header - 1);
    } else {
        db_error(copy->db, result, err);
    }
    PQclear(result);
    return copy->open;
}

/* During a copy the backend speaks only to say that it has failed. */
static bool backend_spoke(const struct copy *copy) {
    struct pollfd socket = {.fd = PQsocket(copy->db->conn), .events = POLLIN};
    return poll(&socket, 1, 0) != 0;
}

static void send(struct copy *copy, const char *bytes, size_t len) {
    if (copy->failed) return;
    copy->failed = backend_spoke(copy) || PQputCopyData(copy->db->conn, bytes, (int)len) != 1;
}

static void flush(struct copy *copy) {
    if (copy->len > 0) send(copy, copy->block, copy->len);
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
    if (COPY_BLOCK - copy->len < len) flush(copy);
    for (; len > COPY_BLOCK; from += COPY_BLOCK, len -= COPY_BLOCK) send(copy, from, COPY_BLOCK);
    if (len == 0) return; /* an empty value may have no address */
    memcpy(copy->block + copy->len, from, len);
    copy->len += len;
}

/* The first failed result there is (NULL: none), or the good one; the rest is drained. */
static PGresult *drain(struct copy *copy) {
    PGresult *outcome = NULL;
    PGresult *result;
    while ((result = PQgetResult(copy->db->conn)) != NULL) {
        bool keep = !outcome || PQresultStatus(outcome) == PGRES_COMMAND_OK;
        PQclear(keep ? outcome : result);
        if (keep) outcome = result;
        if (PQresultStatus(outcome) == PGRES_COPY_IN)
            break; /* cannot end; the connection is lost */
    }
    return outcome;
}

bool copy_finish(struct copy *copy, uint64_t *rows, struct err *err) {
    static const char trailer[] = {'\377', '\377'};
    if (!copy->open) return err_set(err, ERR_INTERNAL, "no copy is open");
    copy_put(copy, trailer, sizeof trailer);
    flush(copy);
    copy->open = false;
    PQputCopyEnd(copy->db->conn, copy->failed ? "the load has failed" : NULL);
    PGresult *result = drain(copy);
    bool good = !copy->failed && PQresultStatus(result) == PGRES_COMMAND_OK;
    if (good) {
        *rows = strtoull(PQcmdTuples(result), NULL, 10);
    } else {
        db_error(copy->db, result, err);
    }
    PQclear(result);
    return good;
}

void copy_abort(struct copy *copy) {
    if (!copy->open) return;
    struct err ignored; /* of a copy that is given up */
    uint64_t rows;
    copy->failed = true;
    copy_finish(copy, &rows, &ignored);
}
