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
    struct fields around; /* of the object that holds the row; object is NULL if there is none */
    bool match_name;      /* prefer names to ids where a row has both */
    bool check_names;     /* read names beside ids, too; not with match_name */
    struct buf *extra;    /* owned by the caller; unknown fields */
    struct buf *scratch;  /* owned by the caller; masks and names */
    struct crossings *crossings; /* owned by the caller */
    struct slice image;          /* name of the image; data is NULL if the id is used */
    bool image_is_id;            /* that name is an image_id that is a text */
    struct slice category;
    struct slice beside_image; /* file_name beside image_id; data is NULL if there is none */
    struct slice beside_category;
};

/* Reads the image and the category: ids into *annotation, or names into *row (valid until the next
 * call). Does not check whether they exist. On failure fills *skip and returns false. The element
 * must outlive *row. */
bool results_read_ids(struct results_row *row, const struct json_value *element,
                      struct annotation *annotation, struct skip *skip);

/* Sets the object that holds the next rows. Its image_id and file_name are those of rows that have
 * neither. NULL: no object, as after {0}. It must outlive these rows. */
void results_set_around(struct results_row *row, const struct json_value *object);

/* True if the row that results_read_ids has read names an image although the object around it does,
 * too. */
bool results_is_named_twice(const struct results_row *row);

/* Reads the image that the object around the row names: its id into *annotation, or its name into
 * row->image, as results_read_ids does. On failure fills *skip and returns false. */
bool results_read_around(struct results_row *row, struct annotation *annotation, struct skip *skip);

/* Reads the rest of the row, except annotation_id. *annotation then points into the element and
 * row->extra. Box and area follow pycocotools' loadRes: bbox and w * h; without a bbox, the extent
 * and area of the mask (polygons too); without a mask, the extent of the keypoints, or of an
 * oriented box. An empty list is none of these. On failure fills *skip and returns false. */
bool results_read_shape(struct results_row *row, const struct picture *picture,
                        struct annotation *annotation, struct skip *skip);

#endif
