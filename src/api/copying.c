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

/* Whether what failed is a copy that had begun. One without a number was refused, unless it was
 * ended in its first transaction. */
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
    if (!has_begun(outcome, failure)) return;
    buf_init(&problem, ANSWER_MAX);
    problem_write(failure, NULL, NULL, &problem);
    struct db *db = pool_take(pool, SHORT_WAIT_MS, &err);
    if (!db ||
        !import_record_failure(db, &copying->copies.target, outcome, buf_text(&problem), &err)) {
        log_failure(copying->x, &err);
    }
    if (db) pool_give(pool, db);
    buf_free(&problem);
}

/* False if there was no connection, or the copy has failed. */
static bool make(struct copying *copying, struct import_outcome *outcome, struct err *err) {
    struct db *db = exchange_take_long(copying->x, err);
    if (!db) return false;
    bool good = copies_make(db, &copying->copies, outcome, err);
    exchange_give_long(copying->x, db);
    if (!good) record_failure(copying, outcome, err);
    return good;
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
        answer_error(x, &err, NULL);
    }
    import_outcome_free(&outcome);
    x->service->wake_maintenance(x->service->maintenance);
}
