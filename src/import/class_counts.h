/*
 * How many rows of each class a run has and how their scores are spread, counted while the rows
 * stream past, so that statistics never scan. Bounded by the dataset's categories.
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
    SCORE_BINS = 20 /* of equal width over 0..1; what lies outside goes to the first or the last */
};

struct class_count {
    uint64_t rows;
    uint64_t scores[SCORE_BINS];
};

struct class_counts {
    struct class_count *counts; /* one for each category, in the order of the set */
};

/* All zero. ERR_BUSY when out of memory. */
bool class_counts_init(struct class_counts *counts, const struct idset *categories,
                       struct err *err);
void class_counts_free(struct class_counts *counts);

/* Counts a row of the category at this position of the set. score: finite. */
void class_counts_add(struct class_counts *counts, size_t category, double score);

/* [{"category_id", "n", "scores": [SCORE_BINS numbers]}] of the classes that have rows. */
void class_counts_write(const struct class_counts *counts, const struct idset *categories,
                        struct buf *into);

#endif
