/* Reads the rows of a result: see rows.h. */
#include "store/rows.h"

#include <stdlib.h>

#include "store/libpq.h"

bool rows_query(struct rows *rows, struct db *db, const char *sql, int count,
                const char *const *params, struct err *err) {
    rows->result = db_query(db, sql, count, params, err);
    rows->count = PQntuples(rows->result); /* 0 if there is no result */
    return rows->result != NULL;
}

void rows_free(struct rows *rows) {
    PQclear(rows->result);
    *rows = (struct rows){0};
}

/* libpq would print a warning for a column that is out of range. */
bool rows_is_null(const struct rows *rows, int row, int column) {
    return row >= rows->count || column >= PQnfields(rows->result) ||
           PQgetisnull(rows->result, row, column);
}

const char *rows_text(const struct rows *rows, int row, int column) {
    return rows_is_null(rows, row, column) ? "" : PQgetvalue(rows->result, row, column);
}

struct slice rows_slice(const struct rows *rows, int row, int column) {
    if (rows_is_null(rows, row, column)) return (struct slice){NULL, 0};
    return (struct slice){PQgetvalue(rows->result, row, column),
                          (size_t)PQgetlength(rows->result, row, column)};
}

int64_t rows_int64(const struct rows *rows, int row, int column) {
    return strtoll(rows_text(rows, row, column), NULL, 10);
}

bool rows_bool(const struct rows *rows, int row, int column) {
    return rows_text(rows, row, column)[0] == 't';
}
