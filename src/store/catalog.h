/*
 * What a results row may refer to: the images, with their sizes, and the categories of a dataset. 16 bytes an
 * image, and 256 KiB at most; bounded by the dataset, never by the body.
 */
#ifndef PGCOCO_STORE_CATALOG_H
#define PGCOCO_STORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "coco/annotation.h"
#include "store/db.h"

/* A set of ids, in ascending order. */
struct idset {
    int64_t *ids;
    size_t count;
    size_t cap;
    size_t last; /* where the id looked up last was found: rows of one image stand together */
    /* Of ids that lie close together, for each number from the first id on its position + 1, or 0; else NULL. */
    uint32_t *dense;
};

struct catalog {
    struct idset images;
    struct picture *pictures; /* sizes, in the order of images */
    struct idset categories;
};

/* Reads both page by page. catalog_free is due in any case. */
bool catalog_load(struct catalog *catalog, struct db *db, const char *dataset_id, struct err *err);
void catalog_free(struct catalog *catalog);

/* Whether the id is in the set; set->last is its position then. */
bool idset_has(struct idset *set, int64_t id);

#endif
