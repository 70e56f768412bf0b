/*
 * The images, with their sizes, and the categories that rows of a run may refer to. Takes 20 bytes
 * per image, 8 per category, and at most 256 KiB for an index of the categories; bounded by the
 * dataset, not by the body.
 */
#ifndef PGCOCO_STORE_CATALOG_H
#define PGCOCO_STORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "coco/annotation.h"
#include "store/db.h"

/* A set of ids in ascending order. */
struct idset {
    int64_t *ids;
    size_t count;
    size_t cap;
    size_t last; /* index of the last id found: rows of an image often follow one another */
    /* If the ids are close together: for each number from the first id on, its index + 1, or 0.
     * Else NULL. */
    uint32_t *dense;
};

/* What a row needs of its image, side by side: rows may name images in any order, and each place in
 * memory is waited for. */
struct catalog_image {
    struct picture picture;
    uint32_t rows; /* 0; for import/image_counts */
};

struct catalog {
    struct idset images;
    struct catalog_image *by_image; /* in the order of images */
    struct idset categories;
};

/* Loads both page by page. dataset_id is decimal. Call catalog_free in any case. */
bool catalog_load(struct catalog *catalog, struct db *db, const char *dataset_id, struct err *err);
void catalog_free(struct catalog *catalog);

/* True if the id is in the set; set->last is then its index. */
bool idset_has(struct idset *set, int64_t id);

#endif
