/*
 * The columns of a tuple of a binary COPY, read one after the other by their types. A failure is
 * sticky: read all columns unchecked, then ask columns_finish() once.
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
    COLUMNS_PROBLEM = 80
};

struct columns {
    const char *next; /* the length of the next column */
    const char *end;
    int count; /* of the tuple */
    int read;
    bool failed;
    char problem[COLUMNS_PROBLEM]; /* for a person; set when it failed */
};

/* tuple: as copy_out_next() gave it, to outlive *columns. count: how many columns it must have. */
void columns_open(struct columns *columns, struct slice tuple, int count);

/* Whether the next column is null. If so it has been read. */
bool columns_null(struct columns *columns);

/* The next column. After a failure, and this includes a null, the value is 0, false or no text. */
int32_t columns_int4(struct columns *columns);
int64_t columns_int8(struct columns *columns);
double columns_float8(struct columns *columns);
bool columns_bool(struct columns *columns);

/* text, varchar or json, but not jsonb: its binary form begins with a version. Not NUL-terminated;
 * lies in the tuple. */
struct slice columns_text(struct columns *columns);

/* Whether every column has been read, and was what it was read as. Else ERR_INTERNAL. */
bool columns_finish(struct columns *columns, struct err *err);

#endif
