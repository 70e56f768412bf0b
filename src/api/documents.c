/* Routes that one SQL function answers: see documents.h. */
#include "api/documents.h"

#include <string.h>

int document_parameters(const char *sql) {
    if (strstr(sql, "$2")) return 2;
    return strstr(sql, "$1") ? 1 : 0;
}

bool document_read(struct exchange *x, const char *sql, struct buf *into, struct err *err) {
    const char *params[EXCHANGE_PARAMETERS] = {x->parameters[0], x->parameters[1]};
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = db_document(db, sql, document_parameters(sql), params, into, err);
    pool_give(x->service->short_pool, db);
    return good;
}

void document_get(struct exchange *x, const char *sql) {
    struct err err;
    struct buf document;
    buf_init(&document, ANSWER_MAX);
    if (document_read(x, sql, &document, &err)) {
        answer_document(x, 200, x->request->path, &document, NULL);
    } else {
        answer_error(x, &err, NULL);
    }
    buf_free(&document);
}

void document_delete(struct exchange *x, const char *sql) {
    struct err err;
    struct buf nothing;
    buf_init(&nothing, ANSWER_MAX);
    if (document_read(x, sql, &nothing, &err)) {
        answer_no_content(x);
        x->service->wake_maintenance(x->service->maintenance);
    } else {
        answer_error(x, &err, NULL);
    }
    buf_free(&nothing);
}
