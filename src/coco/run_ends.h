/*
 * A mask as the ends of its runs: alternating runs of 0 and 1, starting with 0, down the columns of
 * its image. Run i has the pixels from list[i - 1] (0 for the first) to before list[i], as
 * pycocotools has them: of RLE the runs of the object, even if they are empty; of polygons the
 * pixels that any of them covers (rleFrPoly, rleMerge), with no empty run but the first.
 */
#ifndef PGCOCO_COCO_RUN_ENDS_H
#define PGCOCO_COCO_RUN_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/polygon.h"
#include "coco/rle.h"
#include "coco/skip.h"
#include "json/number_lists.h"
#include "json/value.h"

enum {
    /* Stands for a side of an image that is not known, so that all polygons of the image have the
     * same size. With both sides, the pixels fit 32 bits. */
    UNKNOWN_SIDE = 65535
};

/* One mask after the other; keeps its memory. */
struct run_ends {
    uint32_t *list;
    size_t count; /* 0 only if the mask has no pixels at all */
    size_t cap;
    uint32_t height; /* of an RLE as it says, else of the image; height * width fits 32 bits */
    uint32_t width;
    struct buf scratch;
    struct crossings crossings;
    bool failed; /* out of memory */
};

/* Starts without memory. work: bounds what all polygons may cost; NULL: not bounded; must outlive
 * *ends. Call run_ends_free in any case. */
void run_ends_init(struct run_ends *ends, struct work *work);
void run_ends_free(struct run_ends *ends);

/* Reads a segmentation: an RLE, whose size need not be the image's; or polygons, where a list of
 * numbers is one polygon, and one of fewer than three corners covers no pixel (pycocotools takes a
 * first one of 4 numbers for a box). picture: of the image; 0 is not known. *kind: MASK_NONE for
 * null and for lists without a number; *ends is then not set. Fills *skip and returns false if it
 * is none of these, or too large, or costs too much; also if memory ran out (ends->failed). */
bool run_ends_read(struct run_ends *ends, const struct json_value *object, uint32_t node,
                   const struct picture *picture, enum mask_kind *kind, struct skip *skip);

/* The same for polygons that were read as lists of numbers. */
bool run_ends_draw(struct run_ends *ends, const struct number_lists *lists,
                   const struct picture *picture, struct skip *skip);

#endif
