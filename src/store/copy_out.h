/*
 * COPY … TO STDOUT in binary format: closed → open → closed. Rows come one by one, as fast as the
 * caller asks for them; the backend waits meanwhile.
 */
#ifndef PGCOCO_STORE_COPY_OUT_H
#define PGCOCO_STORE_COPY_OUT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/copy_frames.h"
#include "store/db.h"

struct copy_out {
    struct db *db;
    struct copy_frames frames;
    char *message; /* libpq's; the last tuple lies in it; NULL: none */
    bool open;
};

/* command: the whole statement, as the database gave it. copy_out_close must be called in any
 * case. */
bool copy_out_open(struct copy_out *copy, struct db *db, const char *command, struct err *err);

/* The next row, to be read by store/columns and valid until the next call. *more is false when
 * there is none. */
bool copy_out_next(struct copy_out *copy, struct slice *tuple, bool *more, struct err *err);

/* Cancels the statement when rows are left. The transaction can then only be rolled back. */
void copy_out_close(struct copy_out *copy);

#endif
