/* Writes a comparison of two runs as JSON. */
#ifndef PGCOCO_EVALUATION_COMPARE_DOCUMENT_H
#define PGCOCO_EVALUATION_COMPARE_DOCUMENT_H

#include "base/buf.h"
#include "evaluation/compare.h"
#include "store/names.h"

/* Appends an object: metrics, operating_point, errors, bootstrap, per_class, better, worse, equal,
 * flips. categories: the names of the dataset's classes. coco.comparison_document adds what else
 * the document has. A number that does not exist is -1 among metrics, as in pycocotools; elsewhere
 * null. */
void compare_write(struct buf *into, const struct compared *compared,
                   const struct compare_request *request, const struct names *categories);

#endif
