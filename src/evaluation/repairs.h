/*
 * What each type of error costs: AP as TIDE has it, and what it would be if only the errors of one
 * type were repaired (dbolya/tide 1.0.1, ap.py and TIDERun.fix_errors). Shares of 1, where TIDE
 * prints per cent.
 *
 * AP of a class:
 *
 * - Its points are the detections that are true positives (hits) or have an error by rule 3 of
 *   findings.h and are not ignored (misses). T is the number of its ground truths that are not
 *   ignored. It counts if it has a point or T > 0; so a class without a ground truth counts if
 *   something is detected: with 0.
 * - The points are sorted by descending score. Of equal scores, by image and place; after a repair,
 *   also after one that changes nothing in the class, first all points that had an error, repaired
 *   or not, then those that had none, each by image and place (TIDE's order).
 * - Up to each point: precision = hits / points, recall = hits / T, each one division of doubles;
 *   then precision becomes the largest from there on.
 * - At i / 100. for i from 0 to 100: the precision of the first point with a recall of at least
 *   that, else 0. AP is the sum of the 101, added in this order from 0, divided by 101; 0 if T
 *   is 0.
 *
 * AP of all is the sum of those of the selected classes that count, in the order of classes,
 * divided by their number.
 *
 * The repair of one type changes the detections with that error, also ignored ones:
 *
 * - localisation: one whose ground truth has the outcome localisation and names it (rule 5) becomes
 *   a hit of its class; the others go.
 * - classification: likewise, one becomes a hit of the class of its ground truth; the others go.
 * - both, duplicate, background: all go.
 * - missed: no detection changes; missed ground truths leave T.
 *
 * All images and classes are judged first; the selection decides what is measured. A repaired
 * classification counts for a selected class also if the detection's class is not selected.
 */
#ifndef PGCOCO_EVALUATION_REPAIRS_H
#define PGCOCO_EVALUATION_REPAIRS_H

#include <stdbool.h>

#include "base/err.h"
#include "evaluation/findings.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"

struct repairs {
    double ap; /* -1: no class counts */
    /* max(0, AP after the repair - AP), by the type of the error; -1 for outcomes that are not an
     * error, and where no class counts before or after the repair (TIDE fails there). */
    double dap[OUTCOMES];
};

/* Measures from findings for all objects. ERR_BUSY if there is no memory. */
bool repairs_measure(struct repairs *repairs, const struct objects *objects,
                     const struct selection *selection, const struct findings *findings,
                     struct err *err);

#endif
