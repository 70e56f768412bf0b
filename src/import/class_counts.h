/*
 * Counts the rows of each class of a run, and the distributions of their scores and sizes, while
 * the rows are copied, so that statistics need no scan. Memory is bounded by the dataset's
 * categories.
 */
#ifndef PGCOCO_IMPORT_CLASS_COUNTS_H
#define PGCOCO_IMPORT_CLASS_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/catalog.h"

enum {
    SCORE_BINS = 20, /* equal width, from 0 to 1; scores outside go to the first or last bin */
    /* Areas below 16, 64, 256, 1024, 4096, 9216, 16384, 65536 ... square pixels: the side doubles,
     * and 9216 is where COCO's large objects begin. coco.class_counts.sizes */
    SIZE_BINS = 12,
    CLASS_BINS = SCORE_BINS + SIZE_BINS
};

/* The counts of a class: scores, then sizes. They fill one line of the processor's cache, so that
 * a row that counts in two bins waits for memory once. */
struct class_bins {
    _Alignas(64) uint16_t bins[CLASS_BINS];
};

/* A bin that has counted 65,536 rows starts again at 0 and is noted in `wraps`. */
struct class_counts {
    struct class_bins *classes; /* one per category, in the order of the set */
    uint32_t *wraps;            /* category * CLASS_BINS + bin, once for each wrap */
    size_t wrap_count;
    size_t wrap_cap;
    bool failed; /* out of memory; class_counts_write then fails */
};

/* Sets all counts to 0. ERR_BUSY if there is no memory. Call class_counts_free in any case. */
bool class_counts_init(struct class_counts *counts, const struct idset *categories,
                       struct err *err);
void class_counts_free(struct class_counts *counts);

/* Counts one row. category: its index in the set. score must be finite; area: square pixels. */
void class_counts_add(struct class_counts *counts, size_t category, double score, double area);

/* True if rows of this category were counted; like class_counts_add. */
bool class_counts_has(const struct class_counts *counts, size_t category);

/* Appends the members "classes": [{"category_id", "n", "scores": [SCORE_BINS numbers], "sizes":
 * [SIZE_BINS numbers]}], the classes that have rows, and "scores" and "sizes" of all of them, with
 * commas between them. Sorts the wraps. */
void class_counts_write(struct class_counts *counts, const struct idset *categories,
                        struct buf *into);

#endif
