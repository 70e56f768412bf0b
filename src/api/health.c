/* Answers whether the process is alive and ready: see health.h. */
#include "api/health.h"

#include "store/readiness.h"

static void answer_status(struct exchange *x, const char *document) {
    struct buf status;
    buf_init(&status, 100);
    buf_put_text(&status, document);
    answer_document(x, 200, x->request->path, &status, NULL);
    buf_free(&status);
}

void health_get(struct exchange *x) {
    answer_status(x, "{\"status\": \"ok\"}");
}

static bool is_ready(struct service *service, struct err *err) {
    struct db *db = pool_take(service->probe_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = readiness_check(db, err);
    pool_give(service->probe_pool, db);
    return good;
}

void readiness_get(struct exchange *x) {
    struct err err;
    if (is_ready(x->service, &err)) {
        answer_status(x, "{\"status\": \"ready\"}");
    } else {
        answer_error(x, &err, NULL);
    }
}
