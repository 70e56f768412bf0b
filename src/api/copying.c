/* Requests whose rows the server copies: see copying.h. */
#include "api/copying.h"

#include <stdio.h>

#include "base/clock.h"
#include "http/problem.h"
#include "import/token.h"

/* Takes the client's token, or makes a random one. */
static bool find_token(struct exchange *x, char token[TOKEN_MAX + 1], struct err *err) {
    const char *given = exchange_text(x, QUERY_IMPORT);
    snprintf(token, TOKEN_MAX + 1, "%s", given);
    return given[0] || token_make(token, err);
}

static void limit_progress(struct exchange *x, struct progress *progress) {
    progress->limits = (struct progress_limits){.is_gone = request_client_is_gone,
                                                .client = x->request,
                                                .seconds = x->service->max_duration_s,
                                                .begun_ms = clock_ms()};
}

static bool make(struct copying *copying, struct import_outcome *outcome, struct err *err) {
    struct db *db = exchange_take_long(copying->x, err);
    if (!db) return false;
    bool good = copies_make(db, &copying->copies, outcome, err);
    exchange_give_long(copying->x, db);
    return good;
}

/* Whether a copy has begun that failed. Without its number the request was refused before, or the
 * copy was ended in its first transaction. */
static bool has_begun(const struct import_outcome *outcome, const struct err *failure) {
    return outcome->import_id[0] || failure->code == ERR_TOOK_TOO_LONG ||
           failure->code == ERR_CLIENT_GONE || failure->code == ERR_INTERRUPTED ||
           failure->code == ERR_DATABASE_AWAY;
}

/* Ends the import in the history, so that nobody waits for it. */
static void record_failure(struct copying *copying, const struct import_outcome *outcome,
                           const struct err *failure) {
    struct err err;
    struct buf problem;
    struct pool *pool = copying->x->service->short_pool;
    struct db *db;
    if (!has_begun(outcome, failure)) return;
    db = pool_take(pool, SHORT_WAIT_MS, &err);
    if (!db) return;
    buf_init(&problem, ANSWER_MAX);
    problem_write(failure, NULL, NULL, &problem);
    if (!import_record_failure(db, &copying->copies.target, outcome, buf_text(&problem), &err)) {
        log_failure(copying->x, &err);
    }
    buf_free(&problem);
    pool_give(pool, db);
}

void copying_answer(struct copying *copying) {
    struct exchange *x = copying->x;
    struct err err;
    char token[TOKEN_MAX + 1];
    struct progress progress = {0};
    struct import_outcome outcome;
    import_outcome_init(&outcome);
    limit_progress(x, &progress);
    copying->copies.target.token = token;
    copying->copies.target.progress = &progress;
    copying->copies.params[copying->copies.count - 1] = token;
    if (find_token(x, token, &err) && make(copying, &outcome, &err)) {
        answer_document(x, copying->status, x->request->path, &outcome.document, copying->location);
    } else {
        record_failure(copying, &outcome, &err);
        answer_error(x, &err, NULL);
    }
    import_outcome_free(&outcome);
    x->service->wake_maintenance(x->service->maintenance);
}
