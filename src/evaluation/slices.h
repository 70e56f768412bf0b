/* The numbers of a run for each slice of its dataset, all from the same objects. */
#ifndef PGCOCO_EVALUATION_SLICES_H
#define PGCOCO_EVALUATION_SLICES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "evaluation/evaluation.h"

/* Appends a page of the table (coco.evaluation_slices), which begins after the slice `after` (NULL:
 * with the first). request->slice is NULL. Makes what is not stored. Errors as of
 * evaluation_make. */
bool slices_document(const struct evaluator *evaluator, const struct evaluation_request *request,
                     const char *after, struct buf *document, struct err *err);

/* Appends the same page if all of its numbers are stored; otherwise *found is false. */
bool slices_stored(struct db *db, const struct evaluation_request *request, const char *after,
                   struct buf *document, bool *found, struct err *err);

#endif
