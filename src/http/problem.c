/* Writes errors as users see them: see problem.h. */
#include "http/problem.h"

#include <inttypes.h>

#include "http/response.h"
#include "json/writer.h"

unsigned problem_status(enum err_code code) {
    switch (code) {
    case ERR_NONE:
        return 200;
    case ERR_BAD_REQUEST:
    case ERR_EMPTY_BODY:
    case ERR_NOT_JSON:
    case ERR_TRUNCATED:
    case ERR_BAD_COMPRESSION:
    case ERR_CLIENT_GONE: /* the client does not see it */
    case ERR_INTERRUPTED: /* in the history only, not over HTTP */
        return 400;
    case ERR_FORBIDDEN:
        return 403;
    case ERR_UNKNOWN_ROUTE:
    case ERR_UNKNOWN_DATASET:
    case ERR_UNKNOWN_RUN:
    case ERR_UNKNOWN_IMPORT:
    case ERR_NO_MATCHES:
    case ERR_UNKNOWN_FILE:
    case ERR_UNKNOWN_EVALUATION:
    case ERR_UNKNOWN_IMAGE:
    case ERR_UNKNOWN_SLICE:
    case ERR_NO_PICTURE:
        return 404;
    case ERR_METHOD_NOT_ALLOWED:
        return 405;
    case ERR_SLOW_BODY:
    case ERR_TOOK_TOO_LONG:
        return 408;
    case ERR_DATASET_EXISTS:
    case ERR_DATASET_HAS_RUNS:
    case ERR_RUN_EXISTS:
    case ERR_IMPORT_RUNNING:
    case ERR_TOKEN_IN_USE:
    case ERR_CANCELLED:
        return 409;
    case ERR_LENGTH_REQUIRED:
        return 411;
    case ERR_BODY_TOO_LARGE:
        return 413;
    case ERR_UNSUPPORTED_MEDIA_TYPE:
        return 415;
    case ERR_WRONG_SHAPE:
    case ERR_TOO_DEEP:
    case ERR_ELEMENT_TOO_LARGE:
    case ERR_NOTHING_TAKEN:
    case ERR_TOO_MANY_SKIPPED:
        return 422;
    case ERR_BUSY:
    case ERR_DATABASE_AWAY:
    case ERR_READ_ONLY:
    case ERR_SCHEMA_MISMATCH:
        return 503;
    case ERR_INTERNAL:
    case ERR_CODES:
        break;
    }
    return 500;
}

void problem_write(const struct err *err, const char *skips, const char *more, struct buf *into) {
    unsigned status = problem_status(err->code);
    buf_printf(into,
               "{\"type\": \"about:blank\", \"title\": \"%s\", \"status\": %u, \"code\": \"%s\"",
               response_phrase(status), status, err_slug(err->code));
    buf_put_text(into, ", \"detail\": ");
    json_write_text(into, err->message);
    if (err->has_offset) buf_printf(into, ", \"offset\": %" PRIu64, err->offset);
    if (err->has_place) {
        buf_printf(into, ", \"line\": %" PRIu64 ", \"column\": %" PRIu64, err->place.line,
                   err->place.column);
    }
    if (err->has_index) buf_printf(into, ", \"index\": %" PRIu64, err->index);
    if (skips && skips[0]) {
        buf_put_text(into, ", \"skipped\": ");
        buf_put_text(into, skips);
    }
    if (more) buf_put_text(into, more);
    buf_put_char(into, '}');
}
