/* Routes that evaluate runs. Numbers that are stored are answered over a connection for reads; only
 * what must be computed waits for a thread and a connection for evaluations. */
#ifndef PGCOCO_API_EVALUATION_H
#define PGCOCO_API_EVALUATION_H

#include "api/exchange.h"

/* GET /datasets/{dataset}/runs/{run}/evaluation, and …/evaluation/slices. */
void evaluation_get(struct exchange *x);
void evaluation_get_slices(struct exchange *x);

/* Evaluates a run that this request has published, as ?evaluate asks, and appends the document, or
 * the problem. */
void evaluation_after_import(struct exchange *x, const char *dataset, const char *run,
                             struct buf *into);

#endif
