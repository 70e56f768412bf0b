/*
 * The masks of ground truths and detections, packed, and how much they overlap (maskApi.c, rleIou;
 * coco.py, annToRLE and loadRes). A mask takes 56 bytes and 4 for each of its runs; a run takes at
 * least a byte of an RLE, and the runs of polygons are bounded by their bytes (base/work). A box
 * that stands for a mask takes no runs.
 */
#ifndef PGCOCO_EVALUATION_MASKS_H
#define PGCOCO_EVALUATION_MASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/work.h"
#include "coco/annotation.h"
#include "coco/points.h"
#include "coco/polygon.h"
#include "coco/run_ends.h"
#include "evaluation/overlaps.h"
#include "json/number_lists.h"
#include "json/parser.h"

struct packed_mask {
    size_t first;   /* of its ends, in masks->ends */
    uint32_t count; /* of its ends (coco/run_ends); 0: its pixels are those of box */
    uint32_t height;
    uint32_t width;
    struct pixel_box box;
    uint64_t area; /* pixels */
    bool has_gap;  /* an empty run lies between others: see masks.c */
};

struct mask_list {
    struct packed_mask *list;
    size_t count;
    size_t cap;
};

struct masks {
    struct mask_list truths; /* by row */
    struct mask_list detections;
    uint32_t *ends;
    size_t end_count;
    size_t end_cap;

    /* What users should know. */
    size_t truths_without; /* truths without a mask: their box stands for it */
    size_t unreadable;     /* masks that cannot be read, or cost too much: likewise */
    size_t unsized;        /* masks that were drawn in an image whose size is not known */

    /* For reading. */
    struct run_ends reader;
    struct number_lists lists;
    struct json_parser parser;
    struct work work;
    uint64_t bytes; /* of all texts */
};

/* Starts empty. *masks must not be moved. Call masks_free in any case. */
void masks_init(struct masks *masks);
void masks_free(struct masks *masks);

/* Frees what only adding needs. */
void masks_finish(struct masks *masks);

/* Add the mask of the next row (truth.row, detection.row). segmentation: JSON as in the database;
 * data is NULL if there is none. Where it is none, or cannot be read, the mask is the polygon of
 * the box (for detections as loadRes makes it). picture: size of the image; a side that is not
 * known (0) counts as UNKNOWN_SIDE. ERR_BUSY if there is no memory. */
bool masks_add_truth(struct masks *masks, struct slice segmentation, const struct bbox *bbox,
                     const struct picture *picture, struct err *err);
bool masks_add_detection(struct masks *masks, struct slice segmentation, const struct bbox *bbox,
                         const struct picture *picture, struct err *err);

/* Appends the masks of others, which another thread may have added, and what users should know of
 * them. ERR_BUSY if there is no memory. */
bool masks_append(struct masks *masks, const struct masks *others, struct err *err);

/* The area of a detection where the first row of its file has no box. */
static inline double masks_area(const struct masks *masks, uint32_t row) {
    return (double)masks->detections.list[row].area;
}

/* An overlap_function; self: struct masks. Intersection / union in pixels, for a crowd
 * intersection / area of the detection. -1 if the masks are not of the same size. */
overlap_function overlap_of_masks;

#endif
