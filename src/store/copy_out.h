/*
 * COPY … TO STDOUT in binary format, of rows of one text column: closed → open → closed. The rows come one by one,
 * as the client can take them: the backend waits meanwhile.
 */
#ifndef PGCOCO_STORE_COPY_OUT_H
#define PGCOCO_STORE_COPY_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/db.h"

struct copy_out {
    struct db *db;
    char *message; /* libpq's, the one the last row lies in; NULL: none */
    bool begun;    /* the header has been read */
    bool open;
};

/* command: the whole statement, as the database gave it. copy_out_close is due in any case. */
bool copy_out_open(struct copy_out *copy, struct db *db, const char *command, struct err *err);

/* The next row, valid until the next call; *more is false behind the last one. */
bool copy_out_next(struct copy_out *copy, struct slice *row, bool *more, struct err *err);

/* Tells the database to stop when rows are left. The transaction is then of no use. */
void copy_out_close(struct copy_out *copy);

#endif
