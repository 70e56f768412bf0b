/*
 * What an evaluation works on: the ground truths and the detections of some images, in the orders
 * in which cocoeval visits them, and how much they overlap. Images and classes are numbered from 0
 * by ascending id. Nothing here depends on thresholds, areas or a slice, so one struct serves many
 * evaluations; it does not change once it is made.
 *
 *     objects_init(&objects);
 *     ... fill images, categories, truths and detections, in the order of their files
 *     objects_sort(&objects, threads, err)
 *     overlaps_of_boxes(&objects, …)  or masks, or keypoints
 */
#ifndef PGCOCO_EVALUATION_OBJECTS_H
#define PGCOCO_EVALUATION_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "coco/points.h"

enum {
    /* Detections of an image, surest first over all classes, that are compared with ground truths
     * of other classes (TIDE's limit). */
    CROSS_CLASS_DEPTH = 100,
    OBJECTS_MAX = INT32_MAX /* truths, and detections */
};

struct truth {
    int64_t annotation_id;
    double area; /* square pixels, as in the file */
    struct bbox bbox;
    uint32_t image;    /* index in objects->image_ids */
    uint32_t category; /* index in objects->category_ids */
    uint32_t row;      /* its place in the order in which truths were added, from 0 */
    bool is_crowd;
    bool is_ignored; /* a crowd; for keypoints also one without a labelled point */
};

/* Its id is objects->detection_ids[row], its box objects->detection_boxes[row]: both are seldom
 * needed, and this struct is moved when detections are sorted. */
struct detection {
    double score;
    double area; /* square pixels; of the box, the mask or the points (loadRes, coco.py) */
    uint32_t image;
    uint32_t category;
    uint32_t row;  /* its place in the order in which detections were added, from 0 */
    uint32_t rank; /* among those of its image and class, surest first, from 0 */
    /* Among all of its image, surest first, equal scores in the order of the file; from 0. */
    uint32_t place;
};

/* How much a detection and a ground truth of its image overlap: intersection / union, or for a
 * crowd intersection / area of the detection; for keypoints the OKS. */
struct overlap {
    double iou;     /* above 0 */
    uint32_t truth; /* index in objects->truths */
};

/* What of the files could not be compared as it stands; rows. For warnings. */
struct notes {
    size_t truths_without_mask;          /* their box stands for it */
    size_t unreadable_shapes;            /* masks: likewise; keypoints: as if there were none */
    size_t masks_without_image_size;     /* drawn in an image as large as they like */
    size_t detections_without_keypoints; /* overlap nothing */
};

struct objects {
    size_t image_count;
    int64_t *image_ids; /* ascending */
    size_t category_count;
    int64_t *category_ids; /* ascending */

    /* By image, then class, then the order of the file. */
    size_t truth_count;
    size_t truth_cap;
    struct truth *truths;
    uint32_t *truth_starts; /* image_count + 1: of each image, and the end */

    /* By image, then class, then surest first; equal scores in the order of the file. */
    size_t detection_count;
    size_t detection_cap;
    struct detection *detections;
    uint32_t *detection_starts;   /* image_count + 1 */
    int64_t *detection_ids;       /* annotation_id, by row */
    struct bbox *detection_boxes; /* by row; NULL after objects_drop_boxes */

    /* Indexes of detections. by_class: by class, then surest first, equal scores by image and then
     * as above (the order in which cocoeval's accumulate walks). by_place: by image, then place. */
    uint32_t *by_class;
    uint32_t *class_starts; /* category_count + 1, into by_class */
    uint32_t *by_place;     /* begins for each image at detection_starts */

    /* Of each detection, in the order of truths. Of its own class if rank < depth; of all classes,
     * its own included, if place < CROSS_CLASS_DEPTH. */
    unsigned depth;
    size_t overlap_count;
    struct overlap *overlaps;
    size_t *overlap_starts; /* detection_count + 1 */

    struct notes notes;
};

/* Starts empty. Call objects_free in any case. */
void objects_init(struct objects *objects);
void objects_free(struct objects *objects);

/* Append a copy. image and category are indexes; row, rank and place are set here or later.
 * ERR_BUSY if there is no memory, or if these are more than OBJECTS_MAX. */
bool objects_add_truth(struct objects *objects, const struct truth *truth, struct err *err);
bool objects_add_detection(struct objects *objects, const struct detection *detection,
                           int64_t annotation_id, const struct bbox *bbox, struct err *err);

/* Makes room for so many more detections, so that adding them need not. ERR_BUSY. */
bool objects_reserve(struct objects *objects, size_t detections, struct err *err);

/* Adds the truths and detections of `from` after those of *objects, neither of them sorted.
 * ERR_BUSY. */
bool objects_append(struct objects *objects, const struct objects *from, struct err *err);

/* Sorts truths and detections, which were added in the order of their files, and sets all of
 * *objects but the overlaps. threads: at least 1. ERR_BUSY if there is no memory. */
bool objects_sort(struct objects *objects, unsigned threads, struct err *err);

/* Frees what only the overlaps need. */
void objects_drop_boxes(struct objects *objects);

/* Bytes that *objects takes. */
size_t objects_size(const struct objects *objects);

#endif
