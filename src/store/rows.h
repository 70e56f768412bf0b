/*
 * The rows of a result, read by row and column, both from 0.
 *
 * A null, or a column that the result does not have, reads as "", 0 or false. Use rows_is_null()
 * where the difference matters.
 */
#ifndef PGCOCO_STORE_ROWS_H
#define PGCOCO_STORE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/db.h"

struct rows {
    struct pg_result *result; /* libpq's PGresult, for this folder only */
    int count;                /* number of rows */
};

/* Runs a statement with `count` text parameters (NULL for null). If it fails, returns false with
 * *err filled; there are then no rows. Call rows_free in either case. */
bool rows_query(struct rows *rows, struct db *db, const char *sql, int count,
                const char *const *params, struct err *err);
void rows_free(struct rows *rows);

bool rows_is_null(const struct rows *rows, int row, int column);

/* Text, valid until rows_free. The slice of a null has data NULL. */
const char *rows_text(const struct rows *rows, int row, int column);
struct slice rows_slice(const struct rows *rows, int row, int column);

/* For smallint, integer and bigint. */
int64_t rows_int64(const struct rows *rows, int row, int column);

bool rows_bool(const struct rows *rows, int row, int column);

#endif
