/* Sends answers: see exchange.h. */
#include "api/exchange.h"

#include "api/page.h"
#include "api/version.h"
#include "base/log.h"
#include "http/problem.h"
#include "http/response.h"

enum {
    RETRY_AFTER_S = 5
};

static struct db *take(struct exchange *x, struct pool *pool, const struct pool_patience *patience,
                       struct err *err) {
    struct db *db = pool_take_while(pool, patience, err);
    if (request_client_is_gone(x->request)) {
        if (db) pool_give(pool, db);
        err_set(err, ERR_CLIENT_GONE, "the client went away before its turn");
        return NULL;
    }
    return db;
}

struct db *exchange_take_long(struct exchange *x, struct err *err) {
    const struct pool_patience patience = {LONG_WAIT_MS, request_client_is_gone, x->request};
    struct db *db = take(x, x->service->long_pool, &patience, err);
    if (db) request_set_hurry(x->request, pool_wants_back, db);
    return db;
}

void exchange_give_long(struct exchange *x, struct db *db) {
    request_set_hurry(x->request, NULL, NULL);
    pool_give(x->service->long_pool, db);
}

struct db *exchange_take_evaluation(struct exchange *x, const struct pool_patience *patience,
                                    struct err *err) {
    return take(x, x->service->evaluation_pool, patience, err);
}

void exchange_give_evaluation(struct exchange *x, struct db *db) {
    pool_give(x->service->evaluation_pool, db);
}

bool exchange_defer(struct exchange *x) {
    x->request->is_deferred = x->request->may_defer;
    return x->request->is_deferred;
}

static void send(struct exchange *x, const struct response *response) {
    if (!response_send(x->request, response)) {
        log_info("%s %s: the client went away before its answer", x->request->method,
                 x->request->path);
    }
}

void answer_html(struct exchange *x, struct buf *page, bool runs_scripts) {
    struct response response = {
        .status = 200,
        .type = response_html,
        .body = buf_text(page),
        .len = page->len,
        .runs_scripts = runs_scripts,
    };
    send(x, &response);
}

/* Answers with the page, or with the document if the page is too large. */
static void use_page(struct response *response, struct buf *page) {
    if (page->failed) return;
    response->type = response_html;
    response->body = buf_text(page);
    response->len = page->len;
}

void answer_document(struct exchange *x, unsigned status, const char *title, struct buf *document,
                     const char *location) {
    struct buf page;
    /* Terminals need the line feed. A document that fills its buffer has no room for it. */
    if (document->len < document->max) buf_put_char(document, '\n');
    struct response response = {
        .status = status,
        .type = response_json,
        .location = location,
        .may_be_kept = version_has(x),
        .etag = version_etag(x),
        .body = buf_text(document),
        .len = document->len,
    };
    buf_init(&page, ANSWER_MAX);
    if (request_wants_html(x->request)) {
        page_of_document(title, buf_text(document), document->len, &page);
        use_page(&response, &page);
        if (!page.failed) buf_free(document); /* the client may read for long */
    }
    send(x, &response);
    buf_free(&page);
}

void log_failure(const struct exchange *x, const struct err *err) {
    unsigned status = problem_status(err->code);
    if (status == 500) {
        log_error("%s %s: %s %s", x->request->method, x->request->path, err->message, err->detail);
    } else if (status == 503) {
        log_warning("%s %s: %s %s", x->request->method, x->request->path, err->message,
                    err->detail);
    } else if (err->code == ERR_CLIENT_GONE) {
        log_info("%s %s: %s", x->request->method, x->request->path, err->message);
    }
}

static void send_problem(struct exchange *x, const struct err *err, const char *skips,
                         const char *more, const char *allow) {
    struct buf problem;
    struct buf page;
    unsigned status = problem_status(err->code);
    buf_init(&problem, ANSWER_MAX);
    buf_init(&page, ANSWER_MAX);
    problem_write(err, skips, more, &problem);
    buf_put_char(&problem, '\n');
    struct response response = {
        .status = status,
        .type = response_problem,
        .allow = allow,
        .retry_after = status == 503 ? RETRY_AFTER_S : 0,
        .body = buf_text(&problem),
        .len = problem.len,
    };
    if (request_wants_html(x->request)) {
        page_of_document(response_phrase(status), buf_text(&problem), problem.len, &page);
        use_page(&response, &page);
    }
    send(x, &response);
    buf_free(&problem);
    buf_free(&page);
}

void answer_error(struct exchange *x, const struct err *err, const char *skips) {
    answer_error_with(x, err, skips, NULL);
}

void answer_error_with(struct exchange *x, const struct err *err, const char *skips,
                       const char *more) {
    log_failure(x, err);
    send_problem(x, err, skips, more, NULL);
}

void answer_method_not_allowed(struct exchange *x, const char *allow) {
    struct err err;
    err_set(&err, ERR_METHOD_NOT_ALLOWED, "this address accepts only %s", allow);
    send_problem(x, &err, NULL, NULL, allow);
}

void answer_options(struct exchange *x, const char *allow) {
    struct response response = {.status = 204, .allow = allow};
    send(x, &response);
}

void answer_see_other(struct exchange *x, const char *location) {
    struct response response = {.status = 303, .location = location};
    send(x, &response);
}

void answer_not_modified(struct exchange *x) {
    struct response response = {.status = 304, .may_be_kept = true, .etag = version_etag(x)};
    send(x, &response);
}

void answer_file(struct exchange *x, const char *path, const char *cache) {
    struct response response = {.status = 200, .file = path, .cache = cache};
    send(x, &response);
}

void answer_found(struct exchange *x, const char *location, const char *cache) {
    struct response response = {.status = 302, .location = location, .cache = cache};
    send(x, &response);
}

void answer_no_content(struct exchange *x) {
    struct response response = {.status = 204};
    send(x, &response);
}
