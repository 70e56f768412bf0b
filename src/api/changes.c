/* Changes what exists: see changes.h. */
#include "api/changes.h"

#include "api/documents.h"
#include "api/json_body.h"
#include "api/routes.h"

/* The body is the last parameter, after those of the route. */
static const char run_sql[] = "select coco.run_change($1, $2, $3)";

static bool change(struct exchange *x, struct buf *body, struct buf *document, struct err *err) {
    const char *params[ROUTE_PARAMETERS + 1];
    int count = document_parameters(x, params);
    params[count++] = buf_text(body);
    struct db *db = exchange_take_long(x, err);
    if (!db) return false;
    bool good = db_begin(db, err) &&
                db_document(db, run_sql, count, params, document, err) && db_commit(db, err);
    exchange_give_long(x, db); /* rolls back what has failed */
    return good;
}

void change_run(struct exchange *x) {
    struct err err;
    struct buf body;
    struct buf document;
    buf_init(&body, CHANGE_BODY_MAX);
    buf_init(&document, ANSWER_MAX);
    if (json_body_read(x, CHANGE_BODY_MAX, &body, &err) && change(x, &body, &document, &err)) {
        answer_document(x, 200, x->request->path, &document, NULL);
    } else {
        answer_error(x, &err, NULL);
    }
    buf_free(&document);
    buf_free(&body);
}
