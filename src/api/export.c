/* Sends files: see export.h. */
#include "api/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/documents.h"
#include "api/routes.h"
#include "api/version.h"
#include "base/log.h"
#include "export/export.h"
#include "http/stream.h"
#include "import/run_name.h"

static bool client_gone(struct err *err) {
    return err_set(err, ERR_CLIENT_GONE, "the client did not read the whole file");
}

static bool put(void *self, const char *bytes, size_t len, struct err *err) {
    struct stream *stream = self;
    stream_put(stream, bytes, len);
    return !stream->failed || client_gone(err);
}

/* Once the head is sent, a failure can only be shown by breaking off. */
static void send_file(struct exchange *x, struct stream *stream, struct export *export) {
    struct err err;
    struct sink sink = {.put = put, .self = stream};
    char name[RUN_NAME_ROOM + sizeof ".json"];
    snprintf(name, sizeof name, "%s.json", export_name(export));
    struct response head = {.status = 200,
                            .type = response_json,
                            .attachment = name,
                            .may_be_kept = true,
                            .etag = version_etag(x),
                            .streamed = true};
    stream_open(stream, x->request, &head);
    if (strcmp(x->request->method, "HEAD") == 0) return;
    bool good = export_write(export, &sink, NULL, &err);
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
    int count = document_parameters(x, params);
    if (!version_read(x, db, &err)) {
        answer_error(x, &err, NULL);
        return;
    }
    if (version_is_known(x)) {
        answer_not_modified(x);
        return;
    }
    if (export_open(&export, db, x->route->sql, count, params, &err)) {
        send_file(x, stream, &export);
    } else {
        answer_error(x, &err, NULL);
    }
    export_close(&export);
}

void export_get(struct exchange *x) {
    struct err err;
    struct stream *stream = malloc(sizeof *stream); /* threads have small stacks */
    if (!stream) {
        err_set(&err, ERR_BUSY, "out of memory for an export; try again");
        answer_error(x, &err, NULL);
        return;
    }
    struct db *db = exchange_take_long(x, &err);
    if (db) {
        export_file(x, stream, db);
        exchange_give_long(x, db);
    } else {
        answer_error(x, &err, NULL);
    }
    free(stream);
}
