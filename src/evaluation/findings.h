/*
 * What went wrong: an outcome for every detection and every ground truth, by TIDE's definitions
 * (dbolya/tide 1.0.1, quantify.py: TIDEExample, TIDERun._eval_image). Thresholds are TIDE's, t_f .5
 * and t_b .1, whatever the evaluation asks for. Areas, cuts and id 0 play no part.
 *
 * For each image by itself:
 *
 * 1. Ignored ground truths (is_ignored) are set apart as regions: below, "ground truths" are the
 *    others. Detections with a place of CROSS_CLASS_DEPTH or more are not looked at.
 * 2. Matching. In the order of their places, each detection takes, of the ground truths of its
 *    class that are not taken, the one that it overlaps most, the first of equal ones, if by t_f or
 *    more. Both are true positives.
 * 3. Every other detection has an error: the first of these that applies.
 *    - There are no ground truths in the image: background.
 *    - The best overlap with a ground truth of its class, taken or not, is at least t_b and at most
 *      t_f: localisation. It points at that ground truth.
 *    - The best overlap with a ground truth of another class, taken or not, is at least t_f:
 *      classification. It points at that ground truth.
 *    - The best overlap with a taken ground truth of its class is at least t_f: duplicate.
 *    - The best overlap with any ground truth is at most t_b: background.
 *    - Otherwise: both.
 *    A pair without an overlap counts as 0. Of equal overlaps the best is the one whose ground
 *    truth comes first in its file (the lowest row).
 * 4. A detection that has an error and overlaps a region of its class by more than t_f is ignored.
 *    Its error remains for repairs and, as in TIDE, still points at its ground truth.
 * 5. A ground truth that is not taken has the outcome of the error that points at it,
 *    localisation or classification; of several errors, the one with the lowest place, whichever
 *    of the two it is. If none does, it is missed.
 */
#ifndef PGCOCO_EVALUATION_FINDINGS_H
#define PGCOCO_EVALUATION_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/confusion.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"

enum outcome {
    OUTCOME_TRUE_POSITIVE,
    OUTCOME_LOCALISATION,
    OUTCOME_CLASSIFICATION,
    OUTCOME_BOTH,
    OUTCOME_DUPLICATE,
    OUTCOME_BACKGROUND,
    OUTCOME_MISSED,  /* of ground truths only */
    OUTCOME_IGNORED, /* rule 4; a detection not looked at; a region */
    OUTCOMES
};

#define FINDING_NONE UINT32_MAX

struct finding {
    double iou; /* with `other`; 0 if there is none */
    /* Of a detection, an index in objects->truths: the ground truth that it takes or that its error
     * points at; for duplicate the taken one; for both the one that it overlaps most; if ignored by
     * rule 4 the region that it overlaps most, the first of equal ones. Of a ground truth, an index
     * in objects->detections: the one that takes it or whose error it has. FINDING_NONE: none, as
     * for background, missed, regions, and detections that are not looked at. */
    uint32_t other;
    /* Of a detection: what confusion_match says at IoU .5 and any confidence: a ground truth of any
     * class, CONFUSION_BACKGROUND or CONFUSION_LEFT_OUT. Of a ground truth: not set. */
    uint32_t confused;
    enum outcome outcome;
    /* Of a detection: its error by rule 3, also where the outcome is ignored by rule 4. Otherwise
     * the outcome. */
    enum outcome error;
};

struct findings {
    struct finding *detections; /* one for each of objects->detections */
    struct finding *truths;     /* one for each of objects->truths */
};

/* Judges all objects. Call findings_free in any case. progress may be NULL. ERR_BUSY if there is no
 * memory, or an error of progress_go_on. */
bool findings_find(struct findings *findings, const struct objects *objects, unsigned threads,
                   struct progress *progress, struct err *err);
void findings_free(struct findings *findings);

/* How many have which outcome: detections, and for OUTCOME_MISSED ground truths. */
struct error_counts {
    uint64_t of[OUTCOMES];
};

/* Counts those of the selected images; each detection and ground truth for its own class. classes:
 * room for objects->category_count; those that are not selected are not touched. all: the sum of
 * those that are. */
void findings_count(const struct findings *findings, const struct objects *objects,
                    const struct selection *selection, struct error_counts *classes,
                    struct error_counts *all);

/* The outcome as users see it: "true_positive". */
const char *outcome_name(enum outcome outcome);

#endif
