/*
 * An error is a value: its kind, its place in the upload, and a sentence for the user. Functions
 * that can fail return false (or NULL, or -1) and fill a struct err. Nothing is logged on the way
 * up; the caller that answers the user decides what to do.
 */
#ifndef PGCOCO_BASE_ERR_H
#define PGCOCO_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text_place.h"

enum err_code {
    ERR_NONE,
    ERR_BAD_REQUEST,
    ERR_EMPTY_BODY,
    ERR_NOT_JSON,
    ERR_TRUNCATED,
    ERR_BAD_COMPRESSION,
    ERR_UNKNOWN_ROUTE,
    ERR_UNKNOWN_DATASET,
    ERR_UNKNOWN_RUN,
    ERR_UNKNOWN_IMPORT,
    ERR_NO_MATCHES, /* the run and its ground truth were not compared yet */
    ERR_UNKNOWN_FILE,
    ERR_UNKNOWN_EVALUATION,
    ERR_UNKNOWN_IMAGE,
    ERR_UNKNOWN_SLICE,
    ERR_NO_PICTURE,
    ERR_FORBIDDEN,
    ERR_METHOD_NOT_ALLOWED,
    ERR_SLOW_BODY,
    ERR_TOOK_TOO_LONG,
    ERR_DATASET_EXISTS,
    ERR_DATASET_HAS_RUNS,
    ERR_RUN_EXISTS,
    ERR_IMPORT_RUNNING,
    ERR_TOKEN_IN_USE,
    ERR_CANCELLED, /* another request asked for the end */
    ERR_LENGTH_REQUIRED,
    ERR_BODY_TOO_LARGE,
    ERR_UNSUPPORTED_MEDIA_TYPE,
    ERR_WRONG_SHAPE,
    ERR_TOO_DEEP,
    ERR_ELEMENT_TOO_LARGE,
    ERR_NOTHING_TAKEN,
    ERR_TOO_MANY_SKIPPED,
    ERR_CLIENT_GONE,
    ERR_INTERRUPTED, /* ended by the user */
    ERR_BUSY,
    ERR_DATABASE_AWAY,
    ERR_READ_ONLY,
    ERR_SCHEMA_MISMATCH, /* the database has the schema of another pgcoco */
    ERR_INTERNAL,
    ERR_CODES /* the number of codes */
};

struct err {
    enum err_code code;
    bool has_offset;
    bool has_place;
    bool has_index;
    uint64_t offset;         /* byte of the decompressed body, from 0 */
    struct text_place place; /* line and column of this byte */
    uint64_t index;          /* element of the array being read, from 0 */
    char sqlstate[6];        /* of an error of the database; else empty */
    /* For the user; UTF-8. Holds no text of a body, except names that base/shown has made fit, and
     * these only with codes that are not logged (4xx). */
    char message[400];
    char detail[400]; /* for the log: message of the database or the system */
};

/* Sets code and message (printf) and clears everything else. Returns false, so that callers can
 * write `return err_set(...)`. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Like err_set, for a byte of the body. A caller that has the text adds line and column. */
bool err_set_at(struct err *err, enum err_code code, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Returns the code as users see it in answers ("not_json"): constant, never NULL. */
const char *err_slug(enum err_code code);

#endif
