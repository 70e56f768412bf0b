/*
 * Counts the rows of each image of a run while they are copied, so that statistics need no scan.
 * The counts lie in the catalog of the dataset, beside the sizes of the images.
 */
#ifndef PGCOCO_IMPORT_IMAGE_COUNTS_H
#define PGCOCO_IMPORT_IMAGE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/catalog.h"

enum {
    /* 0, 1, 2 to 3, 4 to 7, ..., 1024 and more rows; coco.import_statistics.per_image */
    IMAGE_BINS = 12
};

/* Counts a row of the image. A count stays at UINT32_MAX. */
static inline void image_counts_add(struct catalog_image *image) {
    image->rows += image->rows < UINT32_MAX;
}

/* Appends the members "most_per_image" and "per_image" (IMAGE_BINS numbers of images), with a comma
 * between them. count: of the images. */
void image_counts_write(const struct catalog_image *images, size_t count, struct buf *into);

#endif
