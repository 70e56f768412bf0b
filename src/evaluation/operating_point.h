/*
 * Precision, recall and F1 of the detections with at least some confidence, at one IoU; not the
 * interpolated curve. Matching is cocoeval's, at one threshold, for the first area range and the
 * largest cut of the settings.
 *
 * What counts: ground truths for which truth_counts holds with the first area range, and detections
 * with rank < settings_depth whose verdict is not ignored; both only in selected images. A
 * detection that counts is a true positive if its verdict is matched, else a false positive.
 * Detections of equal score stand or fall together, since a confidence cannot part them.
 */
#ifndef PGCOCO_EVALUATION_OPERATING_POINT_H
#define PGCOCO_EVALUATION_OPERATING_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/match.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    CALIBRATION_BINS = 10
};

/* With TP, FP and FN for the counts, each ratio is one division of doubles, or -1 where it would
 * divide by 0: precision = TP / (TP + FP), recall = TP / (TP + FN), f1 = 2TP / (2TP + FP + FN). */
struct point {
    double confidence; /* detections with this score or more are taken */
    uint64_t true_positives;
    uint64_t false_positives; /* taken, not true positives */
    uint64_t false_negatives; /* ground truths that count, less the true positives */
    double precision;
    double recall;
    double f1;
};

/* All detections that count, by score, also those below settings->confidence. Bin i holds scores
 * from the double i/10. up to and without the double (i+1)/10.; the last one also 1 and more, the
 * first one also less than 0.
 *
 * The scores of a class are added in the order of objects->by_class. Those of all classes are the
 * sum of the classes' sums, in the order of classes. The confidence of a bin is its sum / count. */
struct calibration {
    struct calibration_bin {
        uint64_t count;
        uint64_t true_positives;
        double confidence; /* mean score; -1 if the bin is empty */
        double precision;  /* true_positives / count; -1 if the bin is empty */
    } bins[CALIBRATION_BINS];
    /* The sum of count * |confidence - precision| over the bins that are not empty, in their order,
     * divided by the number of detections; -1 if there are none. */
    double ece;
    double mce; /* the largest |confidence - precision|; -1 likewise */
};

/* All at settings->iou. */
struct operation {
    struct point at; /* settings->confidence */
    /* The point with the largest f1 (compared as doubles) among those whose confidence is the score
     * of a detection that counts; of equal ones, the one with the highest confidence. If no
     * detection counts: confidence -1, and nothing is taken. */
    struct point best;
    struct calibration calibration;
    uint64_t truths;     /* that count */
    uint64_t detections; /* that count, of any confidence */
};

/* The settings with which match_images makes verdicts for operations_measure: the single threshold
 * settings->iou. Of these, only the first area range is needed (areas = 1). */
struct settings operations_settings(const struct settings *settings);

/* Fills one for each class and one for all selected classes together. classes: room for
 * objects->category_count; those that are not selected are not touched. verdicts: one for each
 * detection; bit 0 is looked at. Takes some 24 bytes for each detection for a while, and time in
 * proportion to n log n at most. ERR_BUSY if there is no memory. */
bool operations_measure(const struct objects *objects, const struct settings *settings,
                        const struct selection *selection, const struct verdict *verdicts,
                        struct operation *classes, struct operation *all, struct err *err);

/* The same for detections that are not in objects. For each selected class, in order:
 * measurer_begin, then measurer_add for each detection that counts, in the order of
 * objects->by_class, then measurer_end, which fills *operation; after the last one measurer_finish.
 *
 * hits: the scores of all true positives, in any order, with room for one more; from malloc, and
 * the measurer's from now on, also on failure. highest: the highest score that counts. truths: that
 * count, of the class. NULL with ERR_BUSY if there is no memory. */
struct measurer;
struct measurer *measurer_new(double confidence, double *hits, size_t count, double highest,
                              struct err *err);
void measurer_free(struct measurer *measurer);
void measurer_begin(struct measurer *measurer, uint64_t truths, struct operation *operation);
void measurer_add(struct measurer *measurer, double score, bool hit);
void measurer_end(struct measurer *measurer);
void measurer_finish(struct measurer *measurer, struct operation *all);

/* The lower edge of a bin, also for CALIBRATION_BINS: the upper edge of the last one. */
static inline double calibration_edge(unsigned bin) {
    return (double)bin / CALIBRATION_BINS;
}

#endif
