/* Writes a comparison of two runs as JSON. */
#ifndef PGCOCO_EVALUATION_COMPARE_DOCUMENT_H
#define PGCOCO_EVALUATION_COMPARE_DOCUMENT_H

#include "base/buf.h"
#include "evaluation/compare.h"

/* Appends an object: metrics of a and b, their difference, bootstrap, per_class, better, worse,
 * flips. coco.comparison_document adds the names. A number that does not exist is -1 among metrics,
 * as in pycocotools; elsewhere null. */
void compare_write(struct buf *into, const struct compared *compared,
                   const struct compare_request *request);

#endif
