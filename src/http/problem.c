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

const char *problem_when(enum err_code code) {
    static const char *const when[ERR_CODES] = {
        [ERR_BAD_REQUEST] = "a parameter, a name, a form or a header is wrong",
        [ERR_EMPTY_BODY] = "the body is empty",
        [ERR_NOT_JSON] = "the file is not JSON",
        [ERR_TRUNCATED] = "the file is cut off",
        [ERR_BAD_COMPRESSION] = "the compressed file is damaged or cut off",
        [ERR_FORBIDDEN] = "a file of the server that may not be read; a request of another site",
        [ERR_UNKNOWN_ROUTE] = "there is nothing at this address",
        [ERR_UNKNOWN_DATASET] = "there is no such dataset",
        [ERR_UNKNOWN_RUN] = "there is no such run",
        [ERR_UNKNOWN_IMPORT] = "there is no such upload",
        [ERR_UNKNOWN_FILE] = "there is no such file of the server",
        [ERR_UNKNOWN_SLICE] = "there is no such slice, or it has no image",
        [ERR_UNKNOWN_IMAGE] = "no image has this id in the file, or this number",
        [ERR_UNKNOWN_EVALUATION] =
            "no evaluation with this token has begun, or it ended an hour ago",
        [ERR_NO_MATCHES] = "the run was not compared with its ground truth yet; the text says how",
        [ERR_METHOD_NOT_ALLOWED] = "`Allow` names the methods that there are",
        [ERR_SLOW_BODY] = "silence for `--body-timeout`, or slower than `--min-rate`",
        [ERR_TOOK_TOO_LONG] = "an upload or evaluation that has taken longer than `--max-duration`",
        [ERR_DATASET_EXISTS] = "`POST /datasets` makes new datasets only",
        [ERR_DATASET_HAS_RUNS] = "runs have rows whose images or classes are not in the new file",
        [ERR_RUN_EXISTS] = "another run of the dataset has this name",
        [ERR_NO_PICTURE] = "the image has no picture, or the dataset no setting; the text says why",
        [ERR_IMPORT_RUNNING] = "another import of this dataset or run is at work",
        [ERR_TOKEN_IN_USE] =
            "another upload runs or was published under this `import`; or `evaluation`",
        [ERR_CANCELLED] = "`DELETE` has ended this evaluation",
        [ERR_LENGTH_REQUIRED] = "plain CGI only",
        [ERR_BODY_TOO_LARGE] = "larger than `--max-body`, or it unpacks to too much",
        [ERR_UNSUPPORTED_MEDIA_TYPE] = "another `Content-Encoding`, compressed twice, urlencoded",
        [ERR_WRONG_SHAPE] =
            "JSON, but not such a file; its names contradict its ids; no such slice",
        [ERR_NOTHING_TAKEN] = "no row of the file can be taken",
        [ERR_TOO_MANY_SKIPPED] = "more rows than `max_skipped` allows cannot be taken",
        [ERR_TOO_DEEP] = "beyond `--max-depth`",
        [ERR_ELEMENT_TOO_LARGE] = "beyond `--max-element` or `--max-tokens`",
        [ERR_INTERNAL] = "the log has a line about it",
        [ERR_BUSY] = "no connection or memory was free, or too many uploads wait or come; try "
                     "again",
        [ERR_DATABASE_AWAY] = "the database cannot be reached",
        [ERR_READ_ONLY] = "the database takes no writes",
        [ERR_SCHEMA_MISMATCH] = "the database has the schema of another pgcoco",
    };
    return when[code];
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
