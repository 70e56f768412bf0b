/*
 * How sure the average precision of a run is, and whether that of another run is better: a
 * bootstrap over images (Efron 1979), paired where there are two runs.
 *
 * A resample draws as many images as the selection has, with replacement, and measures each run on
 * what was drawn (evaluation/resample): the same draw for both runs and all classes. The 95 %
 * intervals are percentile intervals: from the 2.5th to the 97.5th percentile of the resamples,
 * interpolated between the two numbers beside them.
 *
 * The draws of resample i come from SplitMix64 (base/splitmix) whose seed is number i of SplitMix64
 * with the seed of the request. So the same seed gives the same numbers, with any number of
 * threads, and more resamples begin with those of fewer.
 */
#ifndef PGCOCO_EVALUATION_BOOTSTRAP_H
#define PGCOCO_EVALUATION_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/match.h"
#include "evaluation/objects.h"
#include "evaluation/resample.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    BOOTSTRAP_RUNS = 2,
    BOOTSTRAP_RESAMPLES = 1000, /* by default */
    BOOTSTRAP_RESAMPLES_MAX = 10000,
    /* Room for the numbers of all resamples, in bytes: 10,000 of two runs with 1,674 classes. */
    BOOTSTRAP_BYTES = 256 * 1024 * 1024
};

/* A run, with verdicts of the first area range (match_images). Two runs have the same images,
 * classes and ground truths. */
struct bootstrap_run {
    const struct objects *objects;
    const struct verdict *verdicts;
};

struct bootstrap_request {
    struct bootstrap_run runs[BOOTSTRAP_RUNS];
    size_t run_count; /* 1 or 2 */
    const struct settings *settings;
    const struct selection *selection; /* NULL: everything */
    uint32_t resamples;                /* 1..BOOTSTRAP_RESAMPLES_MAX */
    uint64_t seed;
    unsigned threads;
    struct progress *progress; /* may be NULL */
};

struct interval {
    double low;
    double high;
};

/* What the resamples say about a number. Those without a ground truth for it are left out. */
struct bootstrap_number {
    uint32_t resamples; /* that are not left out. 0: all else is -1 */
    struct interval runs[BOOTSTRAP_RUNS];
    struct interval difference; /* B - A, for two runs */
    double wins; /* share of the resamples in which B has more than A; equal ones count half */
};

struct bootstrap {
    size_t metric_count;
    struct metric metrics[RESAMPLE_METRICS]; /* AP, and AP50 and AP75 where they are thresholds */
    struct bootstrap_number numbers[RESAMPLE_METRICS];
    size_t class_count;
    struct bootstrap_number *classes; /* AP of each class */
};

/* Whether the numbers of so many resamples have room. ERR_BAD_REQUEST if not: there is no need to
 * read any rows then. */
bool bootstrap_check(const struct settings *settings, size_t runs, size_t classes,
                     uint32_t resamples, struct err *err);

/* Makes and measures the resamples. ERR_BAD_REQUEST if they are too many for so many classes,
 * ERR_BUSY if there is no memory, or an error of progress_go_on. Free in any case. */
bool bootstrap_make(struct bootstrap *bootstrap, const struct bootstrap_request *request,
                    struct err *err);
void bootstrap_free(struct bootstrap *bootstrap);

/* Draws resample number `index`, from 0: sets the weights of `slots` images, weights[slot *
 * stride]. */
void bootstrap_draw(uint64_t seed, uint32_t index, uint32_t slots, uint16_t *weights,
                    size_t stride);

#endif
