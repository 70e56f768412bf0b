/* Rows out of the database: see copy_out.h. */
#include "store/copy_out.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum {
    SIGNATURE = 11,
    FLAGS = 4,
    HEADER = SIGNATURE + FLAGS + 4 /* and an extension of as many bytes as the last four say */
};

bool copy_out_open(struct copy_out *copy, struct db *db, const char *command, struct err *err) {
    *copy = (struct copy_out){.db = db};
    PGresult *result = PQexec(db->conn, command);
    copy->open = PQresultStatus(result) == PGRES_COPY_OUT;
    if (!copy->open) db_error(db, result, err);
    PQclear(result);
    return copy->open;
}

static uint32_t get32(const char *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return be32toh(v);
}

static bool malformed(struct err *err) {
    return err_set(err, ERR_INTERNAL, "the database sent what is no COPY data");
}

/* Steps over the header, which comes in front of the first row. */
static bool pass_header(struct copy_out *copy, struct slice *rest) {
    if (copy->begun) return true;
    if (rest->len < HEADER || memcmp(rest->data, "PGCOPY\n\377\r\n", SIGNATURE) != 0) return false;
    size_t extension = get32(rest->data + SIGNATURE + FLAGS);
    if (extension > rest->len - HEADER) return false;
    *rest = (struct slice){rest->data + HEADER + extension, rest->len - HEADER - extension};
    copy->begun = true;
    return true;
}

/* The column of a tuple: its number of columns (1; -1: the end of the data), a length, the bytes. */
static bool read_tuple(struct slice rest, struct slice *row, bool *more) {
    if (rest.len < 2) return false;
    *more = memcmp(rest.data, "\377\377", 2) != 0;
    if (!*more) return true;
    if (rest.len < 6 || memcmp(rest.data, "\0\1", 2) != 0) return false;
    *row = (struct slice){rest.data + 6, get32(rest.data + 2)};
    return row->len == rest.len - 6;
}

/* Behind the last row: did the statement end well? */
static bool finish(struct copy_out *copy, struct err *err) {
    copy->open = false;
    PGresult *result = PQgetResult(copy->db->conn);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!good) db_error(copy->db, result, err);
    while (result) {
        PQclear(result);
        result = PQgetResult(copy->db->conn);
    }
    return good;
}

/* The next message that holds a row; *more is false at the end of all. */
static bool next_message(struct copy_out *copy, struct slice *rest, bool *more, struct err *err) {
    PQfreemem(copy->message);
    copy->message = NULL;
    int len = PQgetCopyData(copy->db->conn, &copy->message, 0);
    *more = len > 0;
    if (len == -1) return finish(copy, err);
    if (len <= 0) return db_error(copy->db, NULL, err);
    *rest = (struct slice){copy->message, (size_t)len};
    return true;
}

bool copy_out_next(struct copy_out *copy, struct slice *row, bool *more, struct err *err) {
    struct slice rest = {NULL, 0};
    for (;;) {
        if (!next_message(copy, &rest, more, err)) return false;
        if (!*more) return true;
        if (!pass_header(copy, &rest)) return malformed(err);
        if (rest.len == 0) continue; /* a header alone */
        if (!read_tuple(rest, row, more)) return malformed(err);
        if (*more) return true; /* else the trailer: the end comes next */
    }
}

void copy_out_close(struct copy_out *copy) {
    char ignored[256];
    PQfreemem(copy->message);
    copy->message = NULL;
    if (!copy->open) return;
    copy->open = false;
    /* Without it the rollback would read all the rows that are left. If it cannot be sent, it does. */
    PGcancel *cancel = PQgetCancel(copy->db->conn);
    if (cancel) (void)PQcancel(cancel, ignored, sizeof ignored);
    PQfreeCancel(cancel);
}
