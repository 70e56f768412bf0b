/* Sends files: see export.h. */
#include "api/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/documents.h"
#include "api/routes.h"
#include "api/version.h"
#include "base/gzip_sink.h"
#include "base/log.h"
#include "export/export.h"
#include "http/stream.h"
#include "import/run_name.h"

static const char gzip_type[] = "application/gzip";

static bool client_gone(struct err *err) {
    return err_set(err, ERR_CLIENT_GONE, "the client did not read the whole file");
}

static bool put(void *self, const char *bytes, size_t len, struct err *err) {
    struct stream *stream = self;
    stream_put(stream, bytes, len);
    return !stream->failed || client_gone(err);
}

static bool write_compressed(struct export *export, const struct sink *sink, struct err *err) {
    struct gzip_sink gzip;
    bool good = gzip_sink_open(&gzip, sink, err) && export_write(export, &gzip.sink, NULL, err) &&
                gzip_sink_finish(&gzip, err);
    gzip_sink_close(&gzip);
    return good;
}

static bool is_compressed(const struct exchange *x) {
    return exchange_value(x, QUERY_GZIP)->flag;
}

static void send_head(struct exchange *x, struct stream *stream, const struct export *export) {
    char name[RUN_NAME_ROOM + sizeof ".jsonl.gz"];
    snprintf(name, sizeof name, "%s%s%s", export_name(export), export_ending(export->format),
             is_compressed(x) ? ".gz" : "");
    struct response head = {.status = 200,
                            .type = is_compressed(x) ? gzip_type : export_type(export->format),
                            .attachment = name,
                            .may_be_kept = true,
                            .etag = version_etag(x),
                            .streamed = true};
    stream_open(stream, x->request, &head);
}

/* Once the head is sent, a failure can only be shown by breaking off. */
static void send_file(struct exchange *x, struct stream *stream, struct export *export) {
    struct err err;
    struct sink sink = {.put = put, .self = stream};
    send_head(x, stream, export);
    if (strcmp(x->request->method, "HEAD") == 0) return;
    bool good = is_compressed(x) ? write_compressed(export, &sink, &err)
                                 : export_write(export, &sink, NULL, &err);
    if (!good) stream_abort(stream);
    if (good && !stream_finish(stream)) good = client_gone(&err);
    if (!good && err.code == ERR_CLIENT_GONE) {
        log_info("%s %s: %s", x->request->method, x->request->path, err.message);
    } else if (!good) {
        log_failure(x, &err);
    }
}

static void export_file(struct exchange *x, struct stream *stream, struct db *db) {
    struct err err;
    struct export export;
    const char *params[ROUTE_PARAMETERS];
    int count = document_parameters(x, params) - 1; /* the last one, gzip, is not for SQL */
    enum export_format format = (enum export_format)exchange_value(x, QUERY_EXPORT_FORMAT)->choice;
    if (export_open(&export, db, format, x->route->sql, count, params, &err)) {
        send_file(x, stream, &export);
    } else {
        answer_error(x, &err, NULL);
    }
    export_close(&export);
}

static void send_over_connection(struct exchange *x, struct stream *stream) {
    struct err err;
    struct db *db = exchange_take_long(x, &err);
    if (db) {
        export_file(x, stream, db);
        exchange_give_long(x, db);
    } else {
        answer_error(x, &err, NULL);
    }
}

void export_get(struct exchange *x) {
    struct err err;
    struct stream *stream;
    if (version_answer(x)) return;
    stream = malloc(sizeof *stream); /* threads have small stacks */
    if (stream) {
        send_over_connection(x, stream);
    } else {
        err_set(&err, ERR_BUSY, "out of memory for an export; try again");
        answer_error(x, &err, NULL);
    }
    free(stream);
}
