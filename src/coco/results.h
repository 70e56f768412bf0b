/* A results file: the detections of a run, one object each. */
#ifndef PGCOCO_COCO_RESULTS_H
#define PGCOCO_COCO_RESULTS_H

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/skip.h"
#include "json/value.h"

/* One element of a results file into *row, all but annotation_id. What the row points to lies in
 * the element and in extra (reset here). False with *skip filled when it cannot be taken; whether
 * image and category are known is not asked here. */
bool results_read_row(const struct json_value *element, struct annotation *row, struct buf *extra,
                      struct skip *skip);

#endif
