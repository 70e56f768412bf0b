/* Files back to where they came from: see export.h. */
#include "api/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/documents.h"
#include "api/routes.h"
#include "base/log.h"
#include "http/stream.h"
#include "import/run_name.h"
#include "store/columns.h"
#include "store/copy_out.h"
#include "store/rows.h"

/* The one column of a row: an element of the file as text. */
static bool read_row(struct slice tuple, struct slice *row, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 1);
    *row = columns_text(&columns);
    return columns_finish(&columns, err);
}

/* The rows of one part, a line each. */
static bool put_rows(struct stream *stream, struct db *db, const char *command, struct err *err) {
    struct copy_out copy;
    struct slice tuple;
    struct slice row;
    bool more = true;
    bool first = true;
    bool good = copy_out_open(&copy, db, command, err);
    while (good && !stream->failed) {
        good = copy_out_next(&copy, &tuple, &more, err) && (!more || read_row(tuple, &row, err));
        if (!good || !more) break;
        stream_put(stream, first ? "\n" : ",\n", first ? 1 : 2);
        stream_put(stream, row.data, row.len);
        first = false;
    }
    copy_out_close(&copy);
    if (good && !first) stream_put(stream, "\n", 1);
    return good;
}

static bool put_parts(struct stream *stream, struct db *db, const struct rows *parts,
                      struct err *err) {
    for (int i = 0; i < parts->count && !stream->failed; i++) {
        struct slice head = rows_slice(parts, i, 0);
        const char *command = rows_text(parts, i, 1);
        stream_put(stream, head.data, head.len);
        if (command[0] && !put_rows(stream, db, command, err)) return false;
    }
    stream_put(stream, "\n", 1);
    return true;
}

/* From here on a failure can only be shown by breaking off. */
static void send_file(struct exchange *x, struct stream *stream, struct db *db,
                      const struct rows *parts) {
    struct err err;
    char name[RUN_NAME_ROOM + sizeof ".json"];
    snprintf(name, sizeof name, "%s.json", rows_text(parts, 0, 2));
    struct response head = {
        .status = 200, .type = response_json, .attachment = name, .streamed = true};
    stream_open(stream, x->request, &head, &x->service->body_limits);
    if (strcmp(x->request->method, "HEAD") == 0) return;
    if (!put_parts(stream, db, parts, &err)) {
        log_failure(x, &err);
        stream_abort(stream);
    } else if (!stream_finish(stream)) {
        log_info("%s %s: the client did not take all of it", x->request->method, x->request->path);
    }
}

/* One snapshot for all parts; it also keeps their tables from being collected. */
static bool find_parts(struct exchange *x, struct db *db, struct rows *parts, struct err *err) {
    const char *params[ROUTE_PARAMETERS];
    int count = document_parameters(x, params);
    return db_begin_reading(db, err) && rows_query(parts, db, x->route->sql, count, params, err);
}

void export_get(struct exchange *x) {
    struct err err;
    struct rows parts = {0};
    struct stream *stream = malloc(sizeof *stream); /* threads have small stacks */
    if (!stream) {
        err_set(&err, ERR_BUSY, "out of memory for an export; try again");
        answer_error(x, &err, NULL);
        return;
    }
    struct db *db = pool_take(x->service->long_pool, LONG_WAIT_MS, &err);
    if (db && find_parts(x, db, &parts, &err)) {
        send_file(x, stream, db, &parts);
    } else {
        answer_error(x, &err, NULL);
    }
    rows_free(&parts);
    if (db) pool_give(x->service->long_pool, db);
    free(stream);
}
