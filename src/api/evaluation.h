/* Routes that evaluate runs. Numbers that are stored are answered over a connection for reads; only
 * what must be computed waits for a thread and a connection for evaluations. */
#ifndef PGCOCO_API_EVALUATION_H
#define PGCOCO_API_EVALUATION_H

#include "api/exchange.h"
#include "evaluation/subject.h"

/* A document that evaluations give. */
struct evaluation_kind {
    /* Appends it if all numbers are stored; otherwise *found is false. NULL: none are. */
    bool (*look_up)(const struct exchange *x, struct db *db,
                    const struct evaluation_request *request, struct buf *document, bool *found,
                    struct err *err);
    /* Makes what is missing, and appends the document. */
    bool (*make)(const struct exchange *x, const struct evaluator *evaluator,
                 const struct evaluation_request *request, struct buf *document, struct err *err);
};

/* Reads the parameters of an evaluation and answers with the document. */
void evaluation_answer(struct exchange *x, const struct evaluation_kind *kind);

/* GET /datasets/{dataset}/runs/{run}/evaluation, and …/evaluation/slices. */
void evaluation_get(struct exchange *x);
void evaluation_get_slices(struct exchange *x);

/* Evaluates a run that this request has published, as ?evaluate asks, and appends the document, or
 * the problem with the address to `ask` for it. Waits only AFTER_IMPORT_WAIT_MS for a connection. */
void evaluation_after_import(struct exchange *x, const char *dataset, const char *run,
                             struct buf *into);

#endif
