/*
 * Evaluates a run of a dataset: looks for numbers that are stored, else reads rows, computes, and
 * stores the numbers. Serves HTTP and the command line.
 *
 * A run that is too large for memory is evaluated in parts (evaluation/parts).
 *
 * What is stored does not depend on the operating point (settings.iou and settings.confidence): its
 * numbers are those of the defaults. Those of another point are computed for the document.
 */
#ifndef PGCOCO_EVALUATION_EVALUATION_H
#define PGCOCO_EVALUATION_EVALUATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "evaluation/subject.h"

/* The kinds of numbers that a document has on request. */
enum {
    INCLUDE_CURVES = 1,
    INCLUDE_MATRIX = 2,
    INCLUDE_CALIBRATION = 4,
    INCLUDE_INTERVAL = 8 /* of AP; takes 1,000 resamples, and is stored */
};

/* Reads "curves,matrix,calibration,interval", any of them; ERR_BAD_REQUEST. */
bool include_read(const char *text, unsigned *include, struct err *err);

/* Makes sure that the evaluation is stored, and sets *evaluation_id. ERR_UNKNOWN_DATASET,
 * ERR_UNKNOWN_RUN, ERR_BAD_REQUEST, ERR_BUSY, or an error of the database or of progress_go_on. */
bool evaluation_make(const struct evaluator *evaluator, const struct evaluation_request *request,
                     int64_t *evaluation_id, struct err *err);

/* Appends the document (coco.evaluation_document) of an evaluation, which is made if needed. */
bool evaluation_document(const struct evaluator *evaluator,
                         const struct evaluation_request *request, unsigned include,
                         struct buf *document, struct err *err);

/* Appends the document if all of it is stored, with one short statement or two; *found says whether
 * it was. */
bool evaluation_stored(struct db *db, const struct evaluation_request *request, unsigned include,
                       struct buf *document, bool *found, struct err *err);

#endif
