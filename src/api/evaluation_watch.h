/*
 * What may end an evaluation from outside, and who follows it. Its client may hang up, and
 * --max-duration may pass. If the client gave a token, the row of that token in
 * coco.evaluation_requests tells how far the evaluation is, and any process may ask there for its
 * end. So several processes can serve.
 */
#ifndef PGCOCO_API_EVALUATION_WATCH_H
#define PGCOCO_API_EVALUATION_WATCH_H

#include <stdint.h>

#include "api/exchange.h"
#include "base/progress.h"

struct evaluation_watch {
    struct progress progress; /* of the evaluation */
    struct exchange *x;
    const char *token; /* NULL: nobody follows */
    const char *phase;
    int64_t told_ms; /* clock_ms of the last report */
};

/* Returns the run that is evaluated: that of the path, or the first one of a comparison. */
static inline const char *evaluation_run(const struct exchange *x) {
    const char *run = exchange_text(x, PATH_RUN);
    return run[0] ? run : exchange_text(x, QUERY_RUN);
}

/* Announces that an evaluation with a token waits for its turn. Does nothing without a token, or if
 * the request was put off before. ERR_TOKEN_IN_USE, or an error of the database. */
bool evaluation_watch_announce(struct exchange *x, struct err *err);

/* Looks at an evaluation that waits for its turn: says that it waits, and returns false if it must
 * end now: ERR_CANCELLED, ERR_CLIENT_GONE. */
bool evaluation_watch_look(struct exchange *x, struct err *err);

/* Begins to watch. *watch must not move. */
void evaluation_watch_open(struct evaluation_watch *watch, struct exchange *x);

/* True if the evaluation must end. Takes a struct evaluation_watch. For the thread that works. */
bool evaluation_watch_is_over(void *watch);

/* The evaluation has failed: names the reason why it was ended, if it was. */
void evaluation_watch_explain(struct evaluation_watch *watch, struct err *err);

/* Says how an announced evaluation ended. failure: NULL if it did not fail. */
void evaluation_watch_end(struct exchange *x, const struct err *failure);

#endif
