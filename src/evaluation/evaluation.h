/*
 * Evaluates a run of a dataset: looks for numbers that are stored, else reads rows, computes, and
 * stores the numbers. Serves HTTP and the command line.
 */
#ifndef PGCOCO_EVALUATION_EVALUATION_H
#define PGCOCO_EVALUATION_EVALUATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "evaluation/settings.h"
#include "store/db.h"

/* Objects of former evaluations, shared by all requests of a process (evaluation/cache). */
struct cache;

struct evaluation_request {
    const char *dataset; /* name or id */
    const char *run;
    struct settings settings;
    const char *categories; /* "1,2,3": ids; NULL: all */
    const char *split;      /* NULL: all images */
    const char *slice;      /* NULL: all images */
};

/* What evaluations share. */
struct evaluator {
    struct db *db;             /* owned by the caller */
    struct cache *cache;       /* NULL: none */
    unsigned threads;          /* at least 1 */
    struct progress *progress; /* may be NULL */
};

/* Makes sure that the evaluation is stored, and sets *evaluation_id. ERR_UNKNOWN_DATASET,
 * ERR_UNKNOWN_RUN, ERR_BAD_REQUEST, ERR_BUSY, or an error of the database or of progress_go_on. */
bool evaluation_make(const struct evaluator *evaluator, const struct evaluation_request *request,
                     int64_t *evaluation_id, struct err *err);

/* Like evaluation_make, and appends the document (coco.evaluation_document). include: "curves",
 * "matrix", "calibration", separated by commas; NULL: none. */
bool evaluation_document(const struct evaluator *evaluator,
                         const struct evaluation_request *request, const char *include,
                         struct buf *document, struct err *err);

#endif
