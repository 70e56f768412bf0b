/* Errors as values: see err.h. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const slugs[ERR_CODES] = {
    [ERR_NONE] = "none",
    [ERR_BAD_REQUEST] = "bad_request",
    [ERR_EMPTY_BODY] = "empty_body",
    [ERR_NOT_JSON] = "not_json",
    [ERR_TRUNCATED] = "truncated",
    [ERR_BAD_COMPRESSION] = "bad_compression",
    [ERR_UNKNOWN_ROUTE] = "unknown_route",
    [ERR_UNKNOWN_DATASET] = "unknown_dataset",
    [ERR_UNKNOWN_RUN] = "unknown_run",
    [ERR_UNKNOWN_IMPORT] = "unknown_import",
    [ERR_NO_MATCHES] = "no_matches",
    [ERR_UNKNOWN_FILE] = "unknown_file",
    [ERR_UNKNOWN_EVALUATION] = "unknown_evaluation",
    [ERR_UNKNOWN_IMAGE] = "unknown_image",
    [ERR_UNKNOWN_SLICE] = "unknown_slice",
    [ERR_NO_PICTURE] = "no_picture",
    [ERR_FORBIDDEN] = "forbidden",
    [ERR_METHOD_NOT_ALLOWED] = "method_not_allowed",
    [ERR_SLOW_BODY] = "slow_body",
    [ERR_TOOK_TOO_LONG] = "took_too_long",
    [ERR_DATASET_EXISTS] = "dataset_exists",
    [ERR_DATASET_HAS_RUNS] = "dataset_has_runs",
    [ERR_RUN_EXISTS] = "run_exists",
    [ERR_IMPORT_RUNNING] = "import_running",
    [ERR_TOKEN_IN_USE] = "token_in_use",
    [ERR_CANCELLED] = "cancelled",
    [ERR_LENGTH_REQUIRED] = "length_required",
    [ERR_BODY_TOO_LARGE] = "body_too_large",
    [ERR_UNSUPPORTED_MEDIA_TYPE] = "unsupported_media_type",
    [ERR_WRONG_SHAPE] = "wrong_shape",
    [ERR_TOO_DEEP] = "too_deep",
    [ERR_ELEMENT_TOO_LARGE] = "element_too_large",
    [ERR_NOTHING_TAKEN] = "nothing_taken",
    [ERR_TOO_MANY_SKIPPED] = "too_many_skipped",
    [ERR_CLIENT_GONE] = "client_gone",
    [ERR_INTERRUPTED] = "interrupted",
    [ERR_BUSY] = "busy",
    [ERR_DATABASE_AWAY] = "database_away",
    [ERR_READ_ONLY] = "read_only",
    [ERR_SCHEMA_MISMATCH] = "schema_mismatch",
    [ERR_INTERNAL] = "internal",
};

static bool fill(struct err *err, enum err_code code, const char *format, va_list args) {
    memset(err, 0, sizeof *err);
    err->code = code;
    vsnprintf(err->message, sizeof err->message, format, args);
    return false;
}

bool err_set(struct err *err, enum err_code code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(err, code, format, args);
    va_end(args);
    return false;
}

bool err_set_at(struct err *err, enum err_code code, uint64_t offset, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(err, code, format, args);
    va_end(args);
    err->has_offset = true;
    err->offset = offset;
    return false;
}

const char *err_slug(enum err_code code) {
    return code < ERR_CODES ? slugs[code] : slugs[ERR_INTERNAL];
}
