/* A row of the annotations table: a ground-truth object, or a detection of a run. */
#ifndef PGCOCO_COCO_ANNOTATION_H
#define PGCOCO_COCO_ANNOTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "coco/fields.h"
#include "coco/points.h"
#include "json/value.h"

/* The size of an image in pixels; 0 if not known. */
struct picture {
    int32_t width;
    int32_t height;
};

struct annotation {
    int64_t annotation_id; /* ground truth: the file's id; detections: index in the file + 1 */
    int64_t image_id;
    int32_t category_id;
    struct bbox bbox;
    double area; /* square pixels; from the file, or w * h, or the pixels of the mask */
    double confidence;
    bool has_area;
    bool has_confidence;
    bool is_crowd;
    bool bbox_derived;         /* computed from the mask or the keypoints; not in the file */
    bool area_derived;         /* ground truth: of the box or the mask; not in the file */
    bool bbox_drawn;           /* computed from polygons, so cut at the border of the image */
    struct picture rle_size;   /* `size` of a detection's RLE; -1 if it has none */
    struct slice segmentation; /* JSON as in the file; data is NULL if there is none */
    struct slice keypoints;
    struct slice extra; /* unknown fields as one JSON object; data is NULL if none */
};

/* Reads a box: four finite numbers; width and height must not be negative. An empty list counts as
 * missing. On failure fills *skip and returns false. */
bool annotation_read_bbox(const struct fields *fields, size_t field, struct bbox *bbox,
                          struct skip *skip);

/* Checks keypoints: a list of triples (x, y, visibility), or of pairs if it cannot be triples, or a
 * list of such points; all finite numbers. *extent becomes the box around all points, whatever
 * their visibility, as in pycocotools' loadRes. The list must not be empty. On failure fills *skip
 * (invalid_keypoints) and returns false. */
bool annotation_read_keypoints(const struct fields *fields, size_t field, struct bbox *extent,
                               struct skip *skip);

#endif
