/*
 * The runs of COCO's run-length encoding: alternating runs of 0 and 1, starting with 0, down the
 * columns of the image. In JSON it is an object with "size" [height, width] and "counts", a list of
 * runs or compressed text (cocoapi, maskApi.c, rleFrString).
 *
 *     counts_open(&counts, …)
 *     while (counts_has_next(&counts)) counts_next(&counts, &run, skip)
 *     counts_finish(&counts, skip)
 *
 * Functions that can fail fill *skip (invalid_segmentation) and return false.
 */
#ifndef PGCOCO_COCO_COUNTS_H
#define PGCOCO_COCO_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/skip.h"
#include "json/value.h"

enum {
    SIDE_MAX = 1 << 20 /* pixels of a mask; height * width stays far below 2^53 */
};

struct counts {
    int64_t height; /* as the object gives it; 0 to SIDE_MAX */
    int64_t width;
    uint64_t index; /* of the next run */
    int64_t total;  /* pixels of the runs before it */

    const struct json_value *object;
    uint32_t node; /* the next number of the list, and the end of the list */
    uint32_t node_end;
    const char *p; /* the rest of the text; NULL if this is a list */
    const char *end;
    /* The text stores each run from index 3 on as the difference to the run two before. */
    int64_t last;
    int64_t last_but_one;
};

/* Starts reading. `size` must equal the image's size where that is known (0: not known). scratch:
 * for text with escapes; reset here. It and the object must outlive *counts. */
bool counts_open(struct counts *counts, const struct json_value *object, uint32_t node,
                 const struct picture *picture, struct buf *scratch, struct skip *skip);

static inline bool counts_has_next(const struct counts *counts) {
    return counts->p ? counts->p < counts->end : counts->node < counts->node_end;
}

/* Takes the next run, which may be 0. The runs never cover more than `size`. */
bool counts_next(struct counts *counts, int64_t *run, struct skip *skip);

/* Takes all runs of compressed text (p is not NULL), as counts_next does one by one, and stores
 * where each ends. ends: room for as many as the text has bytes. For a size of at most UINT32_MAX
 * pixels. */
bool counts_take_packed(struct counts *counts, uint32_t *ends, size_t *count, struct skip *skip);

/* Checks, after the last run, that the runs cover `size`. */
bool counts_finish(const struct counts *counts, struct skip *skip);

#endif
