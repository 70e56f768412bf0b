/*
 * Average precision of a run whose images count several times, or not at all: cocoeval's accumulate
 * (cocoeval.py) with a weight for each image. A detection or ground truth of an image with weight w
 * counts as w of them, one after the other. With all weights 1 the numbers are those of
 * evaluation/accumulate and evaluation/metrics, to the bit.
 *
 * Several resamples, each in a lane of its own, walk through a class at a time. So the images and
 * verdicts of a detection are read once for all of them.
 */
#ifndef PGCOCO_EVALUATION_RESAMPLE_H
#define PGCOCO_EVALUATION_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/metrics.h"
#include "evaluation/ranking.h"
#include "evaluation/share.h"

enum {
    RESAMPLE_LANES = 8,
    RESAMPLE_METRICS = 3, /* AP, AP50, AP75 at most */
    /* The precisions of the lanes that a workspace holds take at most so many bytes, unless one
     * lane alone takes more. */
    RESAMPLE_BYTES = 32 * 1024 * 1024
};

/* What all resamples share. */
struct resample_plan {
    const struct settings *settings;
    const struct truth_slots *truths;
    size_t metric_count;
    struct metric metrics[RESAMPLE_METRICS]; /* metrics[0] is AP, over all thresholds */
    uint32_t slots;                          /* images */
    size_t lanes;                            /* that are used: 1..RESAMPLE_LANES */
};

/* Lists the metrics that are measured, at most RESAMPLE_METRICS, and returns how many there are. */
size_t resample_metrics(const struct settings *settings, struct metric *metrics);

/* Sets what follows from settings and truths; the plan refers to both. */
void resample_plan(struct resample_plan *plan, const struct settings *settings,
                   const struct truth_slots *truths, const struct slots *slots);

/* A thread's room for the resamples that it works on. */
struct resample {
    const struct resample_plan *plan;
    uint16_t *weights; /* [slot][lane]; set by the caller. Lanes that are not used are 0 */
    /* Results of resample_measure. -1: no ground truth counts. */
    double metrics[RESAMPLE_METRICS][RESAMPLE_LANES];
    double *classes; /* [class][lane]: AP */
    struct lanes *lanes;
    double *precision; /* [lane][threshold][recall point][class with ground truths] */
    uint32_t *present; /* [class][lane]: index of a class among those with ground truths */
    size_t present_count[RESAMPLE_LANES];
    double *of_class; /* [threshold][recall point], of one class */
};

/* Makes room. ERR_BUSY if there is no memory. Free in any case. */
bool resample_init(struct resample *resample, const struct resample_plan *plan, struct err *err);
void resample_free(struct resample *resample);

/* Measures a run with the weights. Asks share_go_on often; false if the share has failed. */
bool resample_measure(struct resample *resample, const struct ranking *ranking,
                      struct share *share);

#endif
