/* The rows of a results file: the detections of a run, one object each. */
#ifndef PGCOCO_COCO_RESULTS_H
#define PGCOCO_COCO_RESULTS_H

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/fields.h"
#include "coco/polygon.h"
#include "coco/skip.h"
#include "json/value.h"

/* One element of a results file. It is read in two steps: the ids, and, if those are known, the
 * rest. */
struct results_row {
    struct fields fields;
    bool match_name;             /* prefer names to ids where a row has both */
    struct buf *extra;           /* owned by the caller; unknown fields */
    struct buf *scratch;         /* owned by the caller; masks and names */
    struct crossings *crossings; /* owned by the caller */
    struct slice image;          /* name of the image; data is NULL if the id is used */
    bool image_is_id;            /* that name is an image_id that is a text */
    struct slice category;
};

/* Reads the image and the category: ids into *annotation, or names into *row (valid until the next
 * call). Does not check whether they exist. On failure fills *skip and returns false. The element
 * must outlive *row. */
bool results_read_ids(struct results_row *row, const struct json_value *element,
                      struct annotation *annotation, struct skip *skip);

/* Reads the rest of the row, except annotation_id. *annotation then points into the element and
 * row->extra. Box and area follow pycocotools' loadRes: bbox and w * h; without a bbox, the extent
 * and area of the mask (polygons too); without a mask, the extent of the keypoints. On failure
 * fills *skip and returns false. */
bool results_read_shape(struct results_row *row, const struct picture *picture,
                        struct annotation *annotation, struct skip *skip);

#endif
