/* Reads the columns of a binary COPY tuple: see columns.h. */
#include "store/columns.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    LENGTH = 4, /* bytes of a column's length */
    NULL_LENGTH = -1
};

__attribute__((format(printf, 2, 3))) static void fail(struct columns *columns, const char *format,
                                                       ...) {
    if (columns->failed) return; /* the first failure causes the others */
    columns->failed = true;
    va_list args;
    va_start(args, format);
    vsnprintf(columns->problem, sizeof columns->problem, format, args);
    va_end(args);
}

void columns_open(struct columns *columns, struct slice tuple, int count) {
    uint16_t found = 0;
    columns->next = tuple.data;
    columns->end = tuple.data + tuple.len;
    columns->count = count;
    columns->read = 0;
    columns->failed = false;
    if (tuple.len < sizeof found) {
        fail(columns, "it is cut off");
        return;
    }
    memcpy(&found, tuple.data, sizeof found);
    columns->next += sizeof found;
    if (be16toh(found) == count) return;
    fail(columns, "it has %d columns instead of %d", (int16_t)be16toh(found), count);
}

static size_t left(const struct columns *columns) {
    return (size_t)(columns->end - columns->next);
}

/* Returns the length of the next column without taking it; 0 after a failure. */
static int32_t peek_length(struct columns *columns) {
    uint32_t length;
    if (columns->failed) return 0;
    if (columns->read == columns->count) {
        fail(columns, "there is no column %d", columns->read + 1);
    } else if (left(columns) < LENGTH) {
        fail(columns, "it is cut off at column %d", columns->read + 1);
    } else {
        memcpy(&length, columns->next, sizeof length);
        return (int32_t)be32toh(length);
    }
    return 0;
}

bool columns_null(struct columns *columns) {
    if (peek_length(columns) != NULL_LENGTH) return false;
    columns->next += LENGTH;
    columns->read++;
    return true;
}

/* Takes the bytes of the next column, which must not be null. Returns NULL after a failure. */
static const char *take(struct columns *columns, size_t *len) {
    int32_t length = peek_length(columns);
    int number = columns->read + 1;
    *len = 0;
    if (length == NULL_LENGTH) {
        fail(columns, "column %d is null", number);
    } else if (length < 0) {
        fail(columns, "the length of column %d is %d", number, length);
    } else if (!columns->failed && (size_t)length > left(columns) - LENGTH) {
        fail(columns, "it is cut off in column %d", number);
    }
    if (columns->failed) return NULL;
    const char *bytes = columns->next + LENGTH;
    columns->next = bytes + length;
    columns->read++;
    *len = (size_t)length;
    return bytes;
}

/* Takes a column of a type with fixed length. Leaves `into` unchanged after a failure. */
static void take_fixed(struct columns *columns, void *into, size_t size) {
    size_t len;
    const char *bytes = take(columns, &len);
    if (bytes && len != size) {
        fail(columns, "column %d has %zu bytes instead of %zu", columns->read, len, size);
    }
    if (bytes && !columns->failed) memcpy(into, bytes, size);
}

int32_t columns_int4(struct columns *columns) {
    uint32_t value = 0;
    take_fixed(columns, &value, sizeof value);
    return (int32_t)be32toh(value);
}

int64_t columns_int8(struct columns *columns) {
    uint64_t value = 0;
    take_fixed(columns, &value, sizeof value);
    return (int64_t)be64toh(value);
}

double columns_float8(struct columns *columns) {
    uint64_t bits = 0;
    double value;
    take_fixed(columns, &bits, sizeof bits);
    bits = be64toh(bits);
    memcpy(&value, &bits, sizeof value);
    return value;
}

bool columns_bool(struct columns *columns) {
    char value = 0;
    take_fixed(columns, &value, sizeof value);
    return value != 0;
}

struct slice columns_text(struct columns *columns) {
    size_t len;
    const char *bytes = take(columns, &len);
    return (struct slice){bytes, len};
}

bool columns_finish(struct columns *columns, struct err *err) {
    if (!columns->failed && columns->read < columns->count) {
        fail(columns, "columns %d to %d were not read", columns->read + 1, columns->count);
    } else if (!columns->failed && columns->next < columns->end) {
        fail(columns, "there are %zu bytes after its last column", left(columns));
    }
    return !columns->failed ||
           err_set(err, ERR_INTERNAL, "a row of the database cannot be read: %s", columns->problem);
}
