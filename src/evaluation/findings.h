/*
 * What went wrong: an outcome for every detection and every ground truth, by TIDE's definitions
 * (dbolya/tide 1.0.1; thresholds t_f .5 and t_b .1).
 */
#ifndef PGCOCO_EVALUATION_FINDINGS_H
#define PGCOCO_EVALUATION_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/objects.h"

enum outcome {
    OUTCOME_TRUE_POSITIVE,
    OUTCOME_LOCALISATION,
    OUTCOME_CLASSIFICATION,
    OUTCOME_BOTH,
    OUTCOME_DUPLICATE,
    OUTCOME_BACKGROUND,
    OUTCOME_MISSED, /* of ground truths only */
    OUTCOME_IGNORED,
    OUTCOMES
};

#define FINDING_NONE UINT32_MAX

struct finding {
    double iou;     /* with `other`; 0 if there is none */
    uint32_t other; /* the ground truth of a detection, or the detection of a ground truth;
                         * FINDING_NONE: none */
    enum outcome outcome;
    /* Of a detection: the ground truth of any class that the confusion matrix gives it at IoU .5,
     * whatever the least confidence; FINDING_NONE: background. */
    uint32_t confused;
};

struct findings {
    struct finding *detections; /* one for each of objects->detections */
    struct finding *truths;     /* one for each of objects->truths */
};

/* Judges all objects. *findings must be freed in any case. ERR_BUSY if there is no memory. */
bool findings_find(struct findings *findings, const struct objects *objects, unsigned threads,
                   struct err *err);
void findings_free(struct findings *findings);

/* The outcome as users see it: "true_positive". */
const char *outcome_name(enum outcome outcome);

#endif
