/*
 * Precision and recall over the detections of a class, surest first: cocoeval.py, accumulate.
 *
 * Arrays have the indexes t (threshold), r (recall point), k (class), a (area range) and m (cut),
 * all from 0, and are laid out like numpy's: the last index moves fastest.
 */
#ifndef PGCOCO_EVALUATION_ACCUMULATE_H
#define PGCOCO_EVALUATION_ACCUMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/match.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    CURVES_BYTES = 512 * 1024 * 1024 /* of precision: COCO's parameters for 16,611 classes */
};

struct curves {
    size_t thresholds; /* lengths of the dimensions */
    size_t classes;
    size_t areas;
    size_t cuts;
    /* -1: no ground truth counts. Of classes that are not selected, too. */
    double *precision; /* [a][t][k][r], of the largest cut */
    double *scores;    /* [t][k][r], the score at each point, of the first area and largest cut */
    double *recall;    /* [a][m][t][k] */
    uint32_t *truths;  /* [a][k]: ground truths that count */
};

static inline double *curves_precision(const struct curves *curves, size_t a, size_t t, size_t k) {
    return curves->precision + ((a * curves->thresholds + t) * curves->classes + k) * RECALL_POINTS;
}

static inline double *curves_scores(const struct curves *curves, size_t t, size_t k) {
    return curves->scores + (t * curves->classes + k) * RECALL_POINTS;
}

static inline double *curves_recall(const struct curves *curves, size_t a, size_t m, size_t t,
                                    size_t k) {
    return curves->recall + ((a * curves->cuts + m) * curves->thresholds + t) * curves->classes + k;
}

/* Makes room, all -1 and 0. ERR_BAD_REQUEST if precision would take more than CURVES_BYTES,
 * ERR_BUSY if there is no memory. Call curves_free in any case. */
bool curves_init(struct curves *curves, const struct objects *objects,
                 const struct settings *settings, struct err *err);
void curves_free(struct curves *curves);

/* Adds the ground truths of *objects to curves->truths. Call it before accumulate, once or for each
 * of several parts. */
void curves_count_truths(struct curves *curves, const struct objects *objects,
                         const struct settings *settings, const struct selection *selection);

/* Fills the curves of classes first..end-1. verdicts: of all area ranges of the settings, as
 * match_images gives them. May run in several threads for different classes. ERR_BUSY if there is
 * no memory. */
bool accumulate(struct curves *curves, const struct objects *objects,
                const struct settings *settings, const struct selection *selection,
                const struct verdict *verdicts, uint32_t first, uint32_t end, struct err *err);

/* The same for detections that are not in objects: accumulation_begin, then accumulation_add for
 * each detection of class k that has a rank below settings_depth and is selected, in the order of
 * objects->by_class, then accumulation_end. verdicts: one for each area range. *settings must
 * outlive the accumulation. NULL with ERR_BUSY if there is no memory. */
struct accumulation;
struct accumulation *accumulation_new(const struct settings *settings, struct err *err);
void accumulation_free(struct accumulation *accumulation);
void accumulation_begin(struct accumulation *accumulation, const struct curves *curves, size_t k);
void accumulation_add(struct accumulation *accumulation, const struct verdict *verdicts,
                      uint32_t rank, double score);
void accumulation_end(const struct accumulation *accumulation, struct curves *curves, size_t k);

#endif
