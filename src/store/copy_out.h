/*
 * COPY … TO STDOUT in binary format: closed → open → closed. The caller reads rows one by
 * one; the backend waits for it.
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
    char *message; /* libpq's memory, holds the last tuple; NULL: none */
    bool open;
};

/* Runs a COPY command that the database has written. Call copy_out_close in any case. */
bool copy_out_open(struct copy_out *copy, struct db *db, const char *command, struct err *err);

/* Reads the next row, for store/columns; valid until the next call. *more is false at the end. */
bool copy_out_next(struct copy_out *copy, struct slice *tuple, bool *more, struct err *err);

/* Cancels the statement if rows are left; the transaction can then only be rolled back. */
void copy_out_close(struct copy_out *copy);

#endif
