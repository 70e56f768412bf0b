/* Changes what exists: see changes.h. */
#include "api/changes.h"

#include "api/copying.h"
#include "api/documents.h"
#include "api/json_body.h"
#include "api/routes.h"

/* Runs a statement whose last parameter is the body, after the dataset and the run. */
static bool change(struct exchange *x, const char *sql, struct buf *body, struct buf *document,
                   struct err *err) {
    const char *params[ROUTE_PARAMETERS + 1];
    int count = 0;
    params[count++] = exchange_text(x, PATH_DATASET);
    if (exchange_value(x, PATH_RUN)->text) params[count++] = exchange_text(x, PATH_RUN);
    params[count++] = buf_text(body);
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = db_begin(db, err) && db_document(db, sql, count, params, document, err) &&
                db_commit(db, err);
    pool_give(x->service->short_pool, db); /* rolls back what has failed */
    return good;
}

static void answer_change(struct exchange *x, const char *sql, struct buf *body) {
    struct err err;
    struct buf document;
    buf_init(&document, ANSWER_MAX);
    if (change(x, sql, body, &document, &err)) {
        answer_document(x, 200, x->request->path, &document, NULL);
    } else {
        answer_error(x, &err, NULL);
    }
    buf_free(&document);
}

/* The new name that the body gives to the run; empty if it gives none. */
static bool read_new_name(struct exchange *x, struct buf *body, struct buf *name, struct err *err) {
    const char *params[] = {exchange_text(x, PATH_DATASET), exchange_text(x, PATH_RUN),
                            buf_text(body)};
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = db_document(db, "select coco.new_run_name($1, $2, $3)", 3, params, name, err);
    pool_give(x->service->short_pool, db);
    return good;
}

static void rename_run(struct exchange *x, const char *name, struct buf *body) {
    struct copying copying = {.x = x, .status = 200};
    copying.copies = (struct copies){
        .target = {.dataset = exchange_text(x, PATH_DATASET), .run = name},
        .begin = "select coco.run_copy_begin($1, $2, $3, $4)",
        .count = 4,
        .params = {exchange_text(x, PATH_DATASET), exchange_text(x, PATH_RUN), name, NULL},
        .publish = "select coco.run_rename_publish($1, $2)",
        .argument = buf_text(body),
    };
    copying_answer(&copying);
}

void change_dataset(struct exchange *x) {
    struct err err;
    struct buf body;
    buf_init(&body, CHANGE_BODY_MAX);
    if (json_body_read(x, CHANGE_BODY_MAX, &body, &err)) {
        answer_change(x, "select coco.dataset_change($1, $2)", &body);
    } else {
        answer_error(x, &err, NULL);
    }
    buf_free(&body);
}

void change_run(struct exchange *x) {
    struct err err;
    struct buf body;
    struct buf name;
    buf_init(&body, CHANGE_BODY_MAX);
    buf_init(&name, CHANGE_BODY_MAX);
    if (!json_body_read(x, CHANGE_BODY_MAX, &body, &err) || !read_new_name(x, &body, &name, &err)) {
        answer_error(x, &err, NULL);
    } else if (name.len > 0) {
        rename_run(x, buf_text(&name), &body);
    } else {
        answer_change(x, "select coco.run_change($1, $2, $3)", &body);
    }
    buf_free(&name);
    buf_free(&body);
}
