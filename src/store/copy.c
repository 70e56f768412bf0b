/* COPY in binary format: see copy.h. */
#include "store/copy.h"

#include <stdlib.h>
#include <string.h>

#include "store/libpq.h"

void copy_init(struct copy *copy, struct db *db) {
    *copy = (struct copy){.db = db};
}

/* Reads all results. Returns the first one that failed, else the last one; NULL: there is none. */
static PGresult *drain(struct copy *copy) {
    PGresult *outcome = NULL;
    PGresult *result;
    while ((result = PQgetResult(copy->db->conn)) != NULL) {
        bool keep = !outcome || PQresultStatus(outcome) == PGRES_COMMAND_OK;
        PQclear(keep ? outcome : result);
        if (keep) outcome = result;
        if (PQresultStatus(outcome) == PGRES_COPY_IN)
            break; /* it would never end: the connection is lost */
    }
    return outcome;
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
    if (PQresultStatus(result) != PGRES_COPY_IN) {
        db_error(copy->db, result, err);
    } else if (sender_start(&copy->sender, copy->db->conn, err)) {
        copy->open = true;
        copy->block = sender_block(&copy->sender);
        copy->len = 0;
        copy_put(copy, header, sizeof header - 1);
    } else {
        PQputCopyEnd(copy->db->conn, "the load has failed");
        PQclear(drain(copy));
    }
    PQclear(result);
    return copy->open;
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
    if (len == 0) return; /* an empty value may have no address */
    memcpy(copy->block + copy->len, from, len);
    copy->len += len;
}

bool copy_finish(struct copy *copy, uint64_t *rows, struct err *err) {
    static const char trailer[] = {'\377', '\377'};
    if (!copy->open) return err_set(err, ERR_INTERNAL, "there is no open copy to finish");
    copy_put(copy, trailer, sizeof trailer);
    flush(copy);
    copy->open = false;
    bool good = sender_stop(&copy->sender) && !copy->given_up;
    PQputCopyEnd(copy->db->conn, good ? NULL : "the load has failed");
    PGresult *result = drain(copy);
    good = good && PQresultStatus(result) == PGRES_COMMAND_OK;
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
    struct err ignored; /* the caller has a better reason */
    uint64_t rows;
    copy->given_up = true;
    copy_finish(copy, &rows, &ignored);
}
