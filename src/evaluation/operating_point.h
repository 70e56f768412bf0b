/*
 * Precision, recall and F1 of the detections with at least some confidence, at one IoU; not the
 * interpolated curve. Matching is cocoeval's, at one threshold, for the first area range and the
 * largest cut of the settings.
 */
#ifndef PGCOCO_EVALUATION_OPERATING_POINT_H
#define PGCOCO_EVALUATION_OPERATING_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/match.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    CALIBRATION_BINS = 10
};

/* Counts are of what is not ignored. Ratios are -1 where they would divide by 0. */
struct point {
    double confidence; /* detections with this score or more */
    uint64_t true_positives;
    uint64_t false_positives;
    uint64_t false_negatives;
    double precision;
    double recall;
    double f1;
};

/* Detections by confidence: bin i holds scores from i/10 up to and without (i+1)/10; the last one
 * also 1 and more, the first one also less than 0. */
struct calibration {
    struct calibration_bin {
        uint64_t count;
        uint64_t true_positives;
        double confidence; /* mean score; -1 if the bin is empty */
        double precision;  /* share of true positives; -1 if the bin is empty */
    } bins[CALIBRATION_BINS];
    double ece; /* mean of |confidence - precision|, weighted by count; -1: no detections */
    double mce; /* the largest */
};

/* All at settings->iou. */
struct operation {
    struct point at;   /* settings->confidence */
    struct point best; /* the confidence with the best F1; f1 is -1 if nothing counts */
    struct calibration calibration;
    uint64_t truths;     /* that count */
    uint64_t detections; /* that are not ignored, of any confidence, within the largest cut */
};

/* Fills one for each class and one for all together. classes: objects->category_count, those that
 * are not selected are not touched. verdicts: of settings with the single threshold settings->iou,
 * area range 0 (see operations_settings); bit 0 is looked at. */
bool operations_measure(const struct objects *objects, const struct settings *settings,
                        const struct selection *selection, const struct verdict *verdicts,
                        struct operation *classes, struct operation *all, struct err *err);

/* The settings with which match_images makes these verdicts. */
struct settings operations_settings(const struct settings *settings);

#endif
