/*
 * An error is a value: what kind it is, where in the upload, and a sentence for a person.
 * Functions that can fail return false (or NULL, or -1) and fill a struct err; nothing is logged
 * and nothing is freed on the way up, so the caller that answers the user decides once.
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
    ERR_UNKNOWN_FILE,
    ERR_FORBIDDEN,
    ERR_METHOD_NOT_ALLOWED,
    ERR_SLOW_BODY,
    ERR_DATASET_EXISTS,
    ERR_DATASET_HAS_RUNS,
    ERR_IMPORT_RUNNING,
    ERR_LENGTH_REQUIRED,
    ERR_BODY_TOO_LARGE,
    ERR_UNSUPPORTED_MEDIA_TYPE,
    ERR_WRONG_SHAPE,
    ERR_TOO_DEEP,
    ERR_ELEMENT_TOO_LARGE,
    ERR_NOTHING_TAKEN,
    ERR_TOO_MANY_SKIPPED,
    ERR_CLIENT_GONE,
    ERR_INTERRUPTED, /* a person has ended it */
    ERR_BUSY,
    ERR_DATABASE_AWAY,
    ERR_READ_ONLY,
    ERR_SCHEMA_MISMATCH, /* of the database: not the one that this program was built with */
    ERR_INTERNAL,
    ERR_CODES /* how many there are */
};

struct err {
    enum err_code code;
    bool has_offset;
    bool has_place;
    bool has_index;
    uint64_t offset;         /* byte of the decoded body, from 0 */
    struct text_place place; /* the same as line and column */
    uint64_t index;          /* element of the array being read, from 0 */
    char sqlstate[6];        /* what the database called it, or empty */
    char message[400];       /* UTF-8, NUL-terminated; holds no byte of a body */
    char detail[400];        /* for the log only: the database's own words */
};

/* Fill *err with a code and a printf message; everything else in it is cleared. Returns false,
 * so that `return err_set(...)` reads as what it is. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, at a byte of the body. Whoever has the text adds the place. */
bool err_set_at(struct err *err, enum err_code code, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The code as users see it in problem documents ("not_json"): constant, never NULL. */
const char *err_slug(enum err_code code);

#endif
