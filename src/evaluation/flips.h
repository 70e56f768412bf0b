/*
 * Images that one run gets right and another does not.
 *
 * A run gets an image right at an IoU and a confidence if its detections with at least this
 * confidence hit every ground truth that counts, and none of them is a false positive. Verdicts and
 * what counts are those of the operating point (evaluation/operating_point): first area range,
 * largest cut, selected classes. An image without ground truths is right if nothing is detected.
 */
#ifndef PGCOCO_EVALUATION_FLIPS_H
#define PGCOCO_EVALUATION_FLIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/match.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    FLIPS_MAX = 100, /* listed in each direction */
    FLIP_RUNS = 2
};

/* A run on an image. */
struct image_outcome {
    uint32_t true_positives;
    uint32_t false_positives;
    uint32_t false_negatives;
};

struct flip {
    uint32_t image; /* index in objects->image_ids */
    struct image_outcome runs[FLIP_RUNS];
};

/* Images in one direction; of them those in which the other run makes most mistakes (false
 * positives and false negatives), equal ones by image. */
struct flip_list {
    uint64_t count;
    size_t listed; /* at most FLIPS_MAX */
    struct flip flips[FLIPS_MAX];
};

struct flips {
    uint64_t images;         /* that are selected */
    uint64_t both;           /* right in both */
    uint64_t neither;        /* right in none */
    struct flip_list better; /* right in B only */
    struct flip_list worse;  /* right in A only */
};

/* A run, with verdicts at the single threshold settings->iou (operations_settings). */
struct flip_run {
    const struct objects *objects;
    const struct verdict *verdicts;
};

/* Finds the flips between runs[0], A, and runs[1], B, of one ground truth, at settings->confidence.
 * ERR_BUSY if there is no memory. */
bool flips_find(struct flips *flips, const struct flip_run runs[FLIP_RUNS],
                const struct settings *settings, const struct selection *selection,
                struct err *err);

#endif
