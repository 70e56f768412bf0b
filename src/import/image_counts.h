/*
 * Counts the rows of each image of a run while they are copied, so that statistics need no scan.
 * Takes 4 bytes for each image of the dataset.
 */
#ifndef PGCOCO_IMPORT_IMAGE_COUNTS_H
#define PGCOCO_IMPORT_IMAGE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
    /* 0, 1, 2 to 3, 4 to 7, ..., 1024 and more rows; coco.import_statistics.per_image */
    IMAGE_BINS = 12
};

struct image_counts {
    uint32_t *rows; /* one number per image; stays at UINT32_MAX */
    size_t count;
};

/* Sets all counts to 0. ERR_BUSY if there is no memory. Call image_counts_free in any case. */
bool image_counts_init(struct image_counts *counts, size_t images, struct err *err);
void image_counts_free(struct image_counts *counts);

/* Counts a row. image: its index in the dataset, less than `images`. */
static inline void image_counts_add(struct image_counts *counts, size_t image) {
    counts->rows[image] += counts->rows[image] < UINT32_MAX;
}

/* Appends the members "most_per_image" and "per_image" (IMAGE_BINS numbers of images), with a comma
 * between them. */
void image_counts_write(const struct image_counts *counts, struct buf *into);

#endif
