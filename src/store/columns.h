/*
 * Reads the columns of a binary COPY tuple one by one, by type. A failure is sticky: read all
 * columns unchecked, then call columns_finish() once.
 *
 *     columns_open(&columns, tuple, 3);
 *     id = columns_int8(&columns);
 *     area = columns_null(&columns) ? NAN : columns_float8(&columns);
 *     name = columns_text(&columns);
 *     if (!columns_finish(&columns, err)) return false;
 */
#ifndef PGCOCO_STORE_COLUMNS_H
#define PGCOCO_STORE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum {
    COLUMNS_PROBLEM = 80 /* bytes */
};

struct columns {
    const char *next; /* start of the next column: its length */
    const char *end;
    int count; /* of the tuple */
    int read;
    bool failed;
    char problem[COLUMNS_PROBLEM]; /* a message; set if failed */
};

/* tuple: from copy_out_next(); must outlive *columns. count: the number of columns it must have. */
void columns_open(struct columns *columns, struct slice tuple, int count);

/* True if the next column is null; it has then been taken. */
bool columns_null(struct columns *columns);

/* Take the next column. If it is null, or after a failure, they return 0, false or no text. */
int32_t columns_int4(struct columns *columns);
int64_t columns_int8(struct columns *columns);
double columns_float8(struct columns *columns);
bool columns_bool(struct columns *columns);

/* For text, varchar and json; not for jsonb, whose binary form begins with a version. The text is
 * not NUL-terminated and lies in the tuple. */
struct slice columns_text(struct columns *columns);

/* True if every column was read, by its right type. Otherwise ERR_INTERNAL. */
bool columns_finish(struct columns *columns, struct err *err);

#endif
