/*
 * Fills the overlaps of sorted objects: the pairs of a detection and a ground truth of one image
 * that overlap at all. Threads take ranges of images.
 *
 * A pair of one class is looked at if the detection is among the `depth` surest of its image and
 * class. A pair of any two classes, also of one, is looked at if it is among the CROSS_CLASS_DEPTH
 * surest of its image: a cut below that must not change what is said across classes. So the work
 * for an image grows with its ground truths, however many detections it has.
 */
#ifndef PGCOCO_EVALUATION_OVERLAPS_H
#define PGCOCO_EVALUATION_OVERLAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/objects.h"

/* Returns the overlap of objects->detections[detection] and objects->truths[truth]; 0 or less, or
 * not a number: none. Called by several threads at a time, all pairs of an image by one. */
typedef double overlap_function(const void *self, const struct objects *objects, uint32_t detection,
                                uint32_t truth);

enum {
    OVERLAPS_FIRST_BYTES = 64 * 1024 * 1024, /* of memory for overlaps of any objects */
    OVERLAPS_EACH = 64,                      /* overlaps for each detection, on the average */
    OVERLAPS_BYTES = 1024 * 1024 * 1024      /* of memory, however many detections */
};

/* How many overlaps so many detections may have in all. Where objects lie upon each other, there
 * are as many as the product of truths and detections. */
size_t overlaps_most(size_t detections);

/* Fills *objects' overlaps. threads: at least 1. ERR_BAD_REQUEST if there are more than
 * overlaps_most, ERR_BUSY if there is no memory, or an error of progress_go_on. */
bool overlaps_fill(struct objects *objects, unsigned depth, overlap_function *overlap,
                   const void *self, unsigned threads, struct progress *progress, struct err *err);

/* The overlap of two boxes (maskApi.c, bbIou). is_crowd: of the ground truth. */
double box_iou(const struct bbox *detection, const struct bbox *truth, bool is_crowd);

/* An overlap_function for boxes; self is not used. */
overlap_function overlap_of_boxes;

#endif
