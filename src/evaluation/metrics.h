/*
 * The numbers by which detectors are known: means of precision and recall over classes, thresholds
 * and recall points (cocoeval.py, summarize). The same list serves all classes together and each
 * class.
 */
#ifndef PGCOCO_EVALUATION_METRICS_H
#define PGCOCO_EVALUATION_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "evaluation/accumulate.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    METRICS_MAX = 4 + 2 * AREAS_MAX + MAX_DETS_MAX,
    METRIC_NAME_ROOM = 24,
    ALL_THRESHOLDS = -1
};

struct metric {
    char name[METRIC_NAME_ROOM]; /* AP, AP50, APs, AR100 … */
    bool is_recall;
    int threshold; /* index, or ALL_THRESHOLDS */
    size_t area;   /* index */
    size_t cut;    /* index in settings->max_dets */
};

/* Lists the metrics for these settings and returns their number. With COCO's defaults these are
 * cocoeval's 12 (10 for keypoints) in its order. With others: AP, AP50 and AP75 where these are
 * among the thresholds, AP for each further area range, AR at each cut, AR for each further area.
 * AP and AR by area are at the largest cut. */
size_t metrics_list(const struct settings *settings, struct metric *metrics);

/* The value of a metric, over the selected classes, or of one class; -1 if nothing counts, not a
 * number if there is no memory. */
double metric_value(const struct metric *metric, const struct curves *curves,
                    const struct selection *selection);
double metric_of_class(const struct metric *metric, const struct curves *curves, size_t k);

/* The sum of `count` doubles in numpy's order: up to 7 in a row, up to 128 in eight lanes, up to
 * 8192 by halves, more in pieces of 8192. */
double pairwise_sum(const double *values, size_t count);

/* pairwise_sum / count; -1 if there are none. */
double mean(const double *values, size_t count);

#endif
