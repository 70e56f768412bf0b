/* Compares two runs: see comparison.h. */
#include "api/comparison.h"

#include <stdlib.h>

#include "api/evaluation.h"
#include "evaluation/comparison.h"

static bool make_with(struct comparison *comparison, const struct exchange *x,
                      const struct evaluator *evaluator, const struct evaluation_request *request,
                      struct buf *document, struct err *err) {
    const struct comparison_request two = {
        .evaluation = *request,
        .with = exchange_text(x, QUERY_WITH),
        .resamples = (uint32_t)exchange_value(x, QUERY_RESAMPLES)->integer,
        .seed = (uint64_t)exchange_value(x, QUERY_SEED)->integer};
    bool good = comparison_make(comparison, evaluator, &two, err) &&
                comparison_write(comparison, evaluator->db, document, err);
    comparison_close(comparison);
    return good;
}

static bool make(const struct exchange *x, const struct evaluator *evaluator,
                 const struct evaluation_request *request, struct buf *document, struct err *err) {
    struct comparison *comparison = malloc(sizeof *comparison); /* threads have small stacks */
    if (!comparison) return err_set(err, ERR_BUSY, "out of memory for a comparison; try again");
    bool good = make_with(comparison, x, evaluator, request, document, err);
    free(comparison);
    return good;
}

static const struct evaluation_kind kind = {NULL, make};

void comparison_get(struct exchange *x) {
    struct err err;
    if (exchange_text(x, QUERY_RUN)[0] && exchange_text(x, QUERY_WITH)[0]) {
        evaluation_answer(x, &kind);
        return;
    }
    err_set(&err, ERR_BAD_REQUEST, "name two runs to compare: comparison?run=A&with=B");
    answer_error(x, &err, NULL);
}
