/*
 * The rows of a statement's answer, read by row and column. Columns go by position, from 0.
 *
 * A value that is null, or a column that the answer does not have, reads as "", 0 or false: ask
 * rows_is_null() where that makes a difference.
 */
#ifndef PGCOCO_STORE_ROWS_H
#define PGCOCO_STORE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/db.h"

struct rows {
    struct pg_result *result; /* libpq's, for this folder only */
    int count;                /* of rows */
};

/* Runs a statement with `count` text parameters (NULL for null). False with *err filled when it
 * failed; there are no rows then. rows_free must be called in either case. */
bool rows_query(struct rows *rows, struct db *db, const char *sql, int count,
                const char *const *params, struct err *err);
void rows_free(struct rows *rows);

bool rows_is_null(const struct rows *rows, int row, int column);

/* Text, valid until rows_free; the slice of a null has no data. */
const char *rows_text(const struct rows *rows, int row, int column);
struct slice rows_slice(const struct rows *rows, int row, int column);

/* A smallint, integer or bigint. */
int64_t rows_int64(const struct rows *rows, int row, int column);

bool rows_bool(const struct rows *rows, int row, int column);

#endif
