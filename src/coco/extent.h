/* The area of a mask and the box around it, as its runs of ones come, column by column. */
#ifndef PGCOCO_COCO_EXTENT_H
#define PGCOCO_COCO_EXTENT_H

#include <stddef.h>
#include <stdint.h>

#include "coco/points.h"

struct extent {
    int64_t left, top, right, bottom; /* right and bottom are inclusive; right < 0: no pixels */
    int64_t area;                     /* pixels */
    int64_t column;                   /* where the last run began, and the pixel above it */
    int64_t base;
};

extern const struct extent extent_empty;

/* Adds a run of ones in one column. bottom is inclusive. */
void extent_add_column(struct extent *extent, int64_t column, int64_t top, int64_t bottom);

/* Adds a run of ones that starts at pixel `start`, numbered down the columns of an image of this
 * height, at or behind those added before. run > 0. */
void extent_add_run(struct extent *extent, int64_t height, int64_t start, int64_t run);

/* Adds all runs of ones of a mask whose alternating runs end at these pixels (coco/run_ends). */
void extent_add_ends(struct extent *extent, int64_t height, const uint32_t *ends, size_t count);

/* Returns the box; all 0 if there are no pixels. */
struct bbox extent_box(const struct extent *extent);

#endif
