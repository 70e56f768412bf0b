/* Watches an evaluation: see evaluation_watch.h. */
#include "api/evaluation_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/problem.h"

enum {
    TELL_MS = 500 /* how often the progress is written, and a wish for the end looked for */
};

/* NULL: nobody follows. */
static const char *token_of(const struct exchange *x) {
    return exchange_value(x, QUERY_EVALUATION)->text;
}

/* Runs a statement over a connection for reads, which imports do not wait for. wait_ms: for the
 * connection. answer: of the statement. */
static bool change(struct exchange *x, unsigned wait_ms, const char *sql, int count,
                   const char *const *params, struct buf *answer, struct err *err) {
    struct pool *pool = x->service->short_pool;
    struct db *db = pool_take(pool, wait_ms, err);
    if (!db) return false;
    bool good =
        db_begin(db, err) && db_document(db, sql, count, params, answer, err) && db_commit(db, err);
    pool_give(pool, db); /* rolls back after a failure */
    return good;
}

bool evaluation_watch_announce(struct exchange *x, struct err *err) {
    static const char sql[] = "select coco.evaluation_request_begin($1, $2, $3)";
    const char *params[] = {token_of(x), exchange_text(x, PATH_DATASET), evaluation_run(x)};
    struct buf ignored;
    if (!token_of(x) || x->request->was_deferred) return true;
    buf_init(&ignored, 16);
    bool good = change(x, SHORT_WAIT_MS, sql, 3, params, &ignored, err);
    buf_free(&ignored);
    return good;
}

/* What cannot be written is written the next time: nobody waits for it. */
static void tell(struct evaluation_watch *watch) {
    static const char sql[] = "select coco.evaluation_request_report($1, $2, $3)";
    char rows[24];
    struct buf answer;
    struct err ignored;
    snprintf(rows, sizeof rows, "%" PRIu64, atomic_load(&watch->progress.rows));
    const char *params[] = {watch->token, watch->phase, rows};
    buf_init(&answer, 16);
    bool good = change(watch->x, 0, sql, 3, params, &answer, &ignored);
    if (good && strcmp(buf_text(&answer), "t") == 0) atomic_store(&watch->progress.stop, true);
    buf_free(&answer);
    watch->told_ms = clock_ms();
}

/* Called every PROGRESS_ASK_MS by the thread that works. */
static bool is_gone(void *self) {
    struct evaluation_watch *watch = self;
    if (watch->token && clock_ms() - watch->told_ms >= TELL_MS) tell(watch);
    return request_client_is_gone(watch->x->request);
}

static void enter(void *self, enum progress_phase phase) {
    struct evaluation_watch *watch = self;
    watch->phase = phase == PROGRESS_COMPUTE ? "computing"
                   : phase == PROGRESS_STORE ? "storing"
                                             : "reading";
}

void evaluation_watch_open(struct evaluation_watch *watch, struct exchange *x) {
    *watch = (struct evaluation_watch){.x = x, .token = token_of(x), .phase = "waiting"};
    watch->progress.enter = enter;
    watch->progress.self = watch;
    watch->progress.limits = (struct progress_limits){.is_gone = is_gone,
                                                      .client = watch,
                                                      .seconds = x->service->max_duration_s,
                                                      .begun_ms = clock_ms()};
    if (watch->token) tell(watch); /* somebody may have asked for its end already */
}

bool evaluation_watch_is_over(void *self) {
    struct evaluation_watch *watch = self;
    struct err ignored; /* evaluation_watch_explain tells it again */
    return !progress_go_on(&watch->progress, &ignored);
}

bool evaluation_watch_look(struct exchange *x, struct err *err) {
    struct evaluation_watch watch;
    evaluation_watch_open(&watch, x);
    if (progress_go_on(&watch.progress, err)) return true;
    evaluation_watch_explain(&watch, err);
    return false;
}

void evaluation_watch_explain(struct evaluation_watch *watch, struct err *err) {
    if (progress_go_on(&watch->progress, err) || err->code != ERR_INTERRUPTED) return;
    err_set(err, ERR_CANCELLED, "this evaluation was cancelled: DELETE /evaluations/%s",
            watch->token);
}

static void write_end(struct exchange *x, const char *problem) {
    static const char sql[] = "select coco.evaluation_request_end($1, $2)";
    const char *params[] = {token_of(x), problem};
    struct buf ignored;
    struct err err;
    buf_init(&ignored, 16);
    if (!change(x, SHORT_WAIT_MS, sql, 2, params, &ignored, &err)) log_failure(x, &err);
    buf_free(&ignored);
}

void evaluation_watch_end(struct exchange *x, const struct err *failure) {
    struct buf problem;
    if (!token_of(x)) return;
    buf_init(&problem, 16 * 1024);
    if (failure) problem_write(failure, NULL, NULL, &problem);
    write_end(x, failure ? buf_text(&problem) : NULL);
    buf_free(&problem);
}
