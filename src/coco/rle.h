/*
 * Masks: what a segmentation says, without ever making pixels of it. The one room (with coco/polygon, which
 * only serves it) that knows COCO's run-length encoding: runs of 0 and 1 in turn, beginning with 0, down the columns of the picture.
 */
#ifndef PGCOCO_COCO_RLE_H
#define PGCOCO_COCO_RLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/skip.h"
#include "json/value.h"

enum {
    RLE_CROSSINGS_SIZE = 4 << 20 /* bytes: 2^19 columns that the outlines of a row cross */
};

enum mask_kind {
    MASK_NONE,     /* null, or an empty list as some tools write it */
    MASK_POLYGONS, /* measured by rle_measure_polygons only: area and bbox hold nothing before */
    MASK_RLE
};

struct mask {
    enum mask_kind kind;
    struct picture size; /* of an RLE, as it says itself */
    double area;         /* pixels that are 1 */
    struct bbox bbox;    /* the pixels around them; all 0 when there are none */
};

/* Reads a segmentation: a list of polygons (each at least three pairs of finite numbers), or an object
 * of "size" [height, width] and "counts", a list of runs or their compressed text (cocoapi, maskApi.c,
 * rleFrString). Runs must add up to height × width, and size be the image's where that is known (0:
 * not known). scratch: for a text with escapes; reset here. invalid_segmentation if it is none. */
bool rle_read(const struct json_value *object, uint32_t node, const struct picture *picture,
              struct buf *scratch, struct mask *mask, struct skip *skip);

/* Fills area and bbox of a mask that rle_read has found to be MASK_POLYGONS: of the pixels that any polygon covers in
 * the picture, whose unknown sides are as long as the polygons need. crossings: the caller's, reset here; its
 * limit, RLE_CROSSINGS_SIZE, bounds the work, too. invalid_segmentation when the picture or the outlines in it are
 * too large; false also with crossings->failed, when there is no memory. */
bool rle_measure_polygons(const struct json_value *object, uint32_t node,
                          const struct picture *picture, struct buf *crossings, struct mask *mask,
                          struct skip *skip);

#endif
