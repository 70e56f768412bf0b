/* A results file: the detections of a run, one object each. */
#ifndef PGCOCO_COCO_RESULTS_H
#define PGCOCO_COCO_RESULTS_H

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/fields.h"
#include "coco/skip.h"
#include "json/value.h"

/* One element of a results file: first what it is about, then, if that is known, what it says. */
struct results_row {
    struct fields fields;
    bool match_name;       /* a name counts before an id, where a row has both */
    struct buf *extra;     /* the caller's, for unknown fields */
    struct buf *scratch;   /* the caller's, for masks and names */
    struct buf *crossings; /* the caller's, for polygons; RLE_CROSSINGS_SIZE */
    struct slice image;    /* the image's name, where the element gives no id; data NULL: it does */
    struct slice category;
};

/* Image and category into *annotation, or their names into *row, valid until the next call. False with *skip filled when the element cannot be taken; whether they
 * are known is not asked here. The element must outlive *row. */
bool results_read_ids(struct results_row *row, const struct json_value *element,
                      struct annotation *annotation, struct skip *skip);

/* All the rest but annotation_id; what it points to lies in the element and in row->extra. Box and area
 * as pycocotools' loadRes has them: the box of the file and w * h; without one, those of the mask, polygons too; without
 * that, those of the keypoints' extent. */
bool results_read_shape(struct results_row *row, const struct picture *picture,
                        struct annotation *annotation, struct skip *skip);

#endif
