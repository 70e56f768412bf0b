/* Answers with the document of one SQL function: see documents.h. */
#include "api/documents.h"

#include "api/routes.h"
#include "api/version.h"

int document_parameters(const struct exchange *x, const char **params) {
    const enum parameter_id *takes = x->route->parameters;
    int count = 0;
    for (; takes[count]; count++) params[count] = x->parameters.values[takes[count]].text;
    return count;
}

static bool read_over(struct exchange *x, struct db *db, struct buf *into, struct err *err) {
    const char *params[ROUTE_PARAMETERS];
    int count = document_parameters(x, params);
    return version_read(x, db, err) &&
           (version_is_known(x) || db_document(db, x->route->sql, count, params, into, err));
}

bool document_read(struct exchange *x, struct buf *into, struct err *err) {
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = read_over(x, db, into, err);
    pool_give(x->service->short_pool, db);
    return good;
}

void document_get(struct exchange *x) {
    struct err err;
    struct buf document;
    buf_init(&document, ANSWER_MAX);
    if (!document_read(x, &document, &err)) {
        answer_error(x, &err, NULL);
    } else if (version_is_known(x)) {
        answer_not_modified(x);
    } else {
        answer_document(x, 200, x->request->path, &document, NULL);
    }
    buf_free(&document);
}

static bool change(struct exchange *x, struct err *err) {
    const char *params[ROUTE_PARAMETERS];
    int count = document_parameters(x, params);
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = db_change(db, x->route->sql, count, params, err);
    pool_give(x->service->short_pool, db);
    return good;
}

void document_delete(struct exchange *x) {
    struct err err;
    if (!change(x, &err)) {
        answer_error(x, &err, NULL);
        return;
    }
    answer_no_content(x);
    x->service->wake_maintenance(x->service->maintenance);
}
