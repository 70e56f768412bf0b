/*
 * Compares two runs of a dataset, from the look-up to the document. Serves HTTP and the command
 * line. Nothing is stored: with the objects of both runs in the cache, a comparison without
 * resamples takes as long as two evaluations from there, and resamples their own time.
 */
#ifndef PGCOCO_EVALUATION_COMPARISON_H
#define PGCOCO_EVALUATION_COMPARISON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "evaluation/compare.h"
#include "evaluation/subject.h"
#include "store/names.h"

struct comparison_request {
    struct evaluation_request evaluation; /* its run is A */
    const char *with;                     /* B */
    uint32_t resamples;                   /* 0: no bootstrap; at most BOOTSTRAP_RESAMPLES_MAX */
    uint64_t seed;
};

struct comparison {
    const struct comparison_request *request;
    struct subject subjects[COMPARE_RUNS];
    struct names categories;
    struct compare_request compare;
    struct compared compared;
};

/* Reads both runs in one snapshot, so both have the same import of the ground truth, and compares
 * them. request must outlive *comparison. Errors as those of evaluation_make, and ERR_BAD_REQUEST
 * if a run is too large to be read as a whole (evaluator->rows). Call comparison_close in any
 * case. */
bool comparison_make(struct comparison *comparison, const struct evaluator *evaluator,
                     const struct comparison_request *request, struct err *err);

/* Appends the document (coco.comparison_document). */
bool comparison_write(struct comparison *comparison, struct db *db, struct buf *document,
                      struct err *err);

void comparison_close(struct comparison *comparison);

#endif
