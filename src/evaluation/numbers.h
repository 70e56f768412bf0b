/* All numbers of an evaluation, computed from its objects. */
#ifndef PGCOCO_EVALUATION_NUMBERS_H
#define PGCOCO_EVALUATION_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/accumulate.h"
#include "evaluation/doubts.h"
#include "evaluation/findings.h"
#include "evaluation/metrics.h"
#include "evaluation/objects.h"
#include "evaluation/points.h"
#include "evaluation/repairs.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

struct numbers {
    size_t metric_count;
    struct metric metrics[METRICS_MAX];
    double stats[METRICS_MAX]; /* of all selected classes */
    double *class_stats;       /* metric_count for each class */
    struct curves curves;
    uint64_t images;     /* that are selected */
    uint64_t truths;     /* of selected images and classes, with those that are ignored */
    uint64_t detections; /* likewise, of any rank */
    uint64_t *class_truths;
    uint64_t *class_detections;
    size_t classes_with_truth; /* that counts, in the first area range */
    struct points points;      /* at the operating point of the settings */
    struct error_counts errors;
    struct error_counts *class_errors; /* of selected classes */
    struct repairs repairs;
    struct doubts doubts;
};

/* Computes all; selection may be NULL. ERR_BAD_REQUEST if there are too many classes (curves_init),
 * ERR_BUSY if there is no memory, or an error of progress_go_on. Call numbers_free in any case. */
bool numbers_compute(struct numbers *numbers, const struct objects *objects,
                     const struct settings *settings, const struct selection *selection,
                     unsigned threads, struct progress *progress, struct err *err);
void numbers_free(struct numbers *numbers);

/* The steps of it that can be made one part of the objects after the other (evaluation/parts):
 * numbers_init makes room for so many classes, all 0; numbers_count adds what can be counted in a
 * part, whose images come after those of the parts before; numbers_measure makes metrics of the
 * curves. ERR_BUSY if there is no memory. Call numbers_free in any case. */
bool numbers_init(struct numbers *numbers, const struct objects *objects,
                  const struct settings *settings, struct err *err);
void numbers_count(struct numbers *numbers, const struct objects *objects,
                   const struct settings *settings, const struct selection *selection);
bool numbers_measure(struct numbers *numbers, const struct selection *selection, struct err *err);

#endif
