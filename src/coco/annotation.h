/* A row of the annotations table: an object of the ground truth, or a detection of a run. */
#ifndef PGCOCO_COCO_ANNOTATION_H
#define PGCOCO_COCO_ANNOTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "coco/fields.h"
#include "json/value.h"

/* x, y of the top left corner, width, height, in pixels. */
struct bbox {
    double x;
    double y;
    double w;
    double h;
};

/* An image's size in pixels; 0: not known. */
struct picture {
    int32_t width;
    int32_t height;
};

struct annotation {
    int64_t annotation_id; /* ground truth: its own; a detection: index in the file + 1 */
    int64_t image_id;
    int32_t category_id;
    struct bbox bbox;
    double area; /* square pixels; ground truth: as the file says; a detection: w * h */
    double confidence;
    bool has_area;
    bool has_confidence;
    bool is_crowd;
    bool bbox_derived;         /* made from the mask or the points: the file has none */
    bool bbox_drawn;           /* made from polygons: it ends where the picture does */
    struct picture rle_size;   /* of an RLE of a detection; -1: there is none */
    struct slice segmentation; /* JSON text as it came; data NULL: none */
    struct slice keypoints;
    struct slice extra; /* unknown fields as one JSON object */
};

/* Reads a box of four finite numbers, width and height not negative. An empty list is a missing
 * one. */
bool annotation_read_bbox(const struct fields *fields, size_t field, struct bbox *bbox,
                          struct skip *skip);

/* Checks keypoints: triples of finite numbers, any number of them, but at least one. *extent is the box around
 * all of them, whatever their third number says, as pycocotools' loadRes has it. invalid_keypoints if not. */
bool annotation_read_keypoints(const struct fields *fields, size_t field, struct bbox *extent,
                               struct skip *skip);

#endif
