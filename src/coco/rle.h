/*
 * Masks: checks and measures a segmentation without drawing its pixels. coco/counts reads COCO's
 * run-length encoding, coco/outlines and coco/polygon polygons.
 */
#ifndef PGCOCO_COCO_RLE_H
#define PGCOCO_COCO_RLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/polygon.h"
#include "coco/skip.h"
#include "json/value.h"

enum mask_kind {
    MASK_NONE,     /* null, or an empty list, which some tools write */
    MASK_POLYGONS, /* area and bbox are set by rle_measure_polygons only */
    MASK_RLE
};

struct mask {
    enum mask_kind kind;
    struct picture size; /* of an RLE, as the file gives it */
    double area;         /* number of pixels that are 1 */
    struct bbox bbox;    /* around these pixels; all 0 if there are none */
};

/* Reads a segmentation: a list of polygons (each at least three pairs of finite numbers), or an
 * object with "size" [height, width] and "counts", a list of runs or compressed text (cocoapi,
 * maskApi.c, rleFrString). The runs must cover exactly `size`, and `size` must equal the image's
 * size where that is known (0: not known). scratch: for text with escapes; reset here. On failure
 * fills *skip (invalid_segmentation) and returns false. */
bool rle_read(const struct json_value *object, uint32_t node, const struct picture *picture,
              struct buf *scratch, struct mask *mask, struct skip *skip);

/* Sets area and bbox of a mask that rle_read found to be MASK_POLYGONS, from the pixels of the
 * image that any polygon covers. A side of the image that is not known is made as long as the
 * polygons need. crossings: owned by the caller, for all rows of a file; bounds the work. Fills
 * *skip and returns false if the image or the outlines are too large (invalid_segmentation), or if
 * the outlines of all rows are (out_of_range); false also if memory ran out (crossings->failed). */
bool rle_measure_polygons(const struct json_value *object, uint32_t node,
                          const struct picture *picture, struct crossings *crossings,
                          struct mask *mask, struct skip *skip);

#endif
