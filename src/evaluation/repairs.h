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
#include <stddef.h>
#include <stdint.h>

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

/* ---- the same for detections that are not in objects ----
 *
 * For each selected class, in order: mender_begin, then mender_add for each detection of the list
 * of the class, in its order, then mender_end; after the last one mender_finish. truths: T;
 * missed: of these, missed. ERR_BUSY if there is no memory: mender_finish tells. */
struct mender;
struct mender *mender_new(struct err *err);
void mender_free(struct mender *mender);
void mender_begin(struct mender *mender, uint32_t truths, uint32_t missed);
void mender_add(struct mender *mender, double score, uint8_t code);
void mender_end(struct mender *mender);
bool mender_finish(const struct mender *mender, struct repairs *repairs, struct err *err);

/* The lists, made of some objects. Those of a class over several objects, of ascending images, are
 * the lists merged by descending score, stably. NULL with ERR_BUSY. */
struct repair_lists;
struct repair_lists *repair_lists_new(const struct objects *objects,
                                      const struct selection *selection,
                                      const struct findings *findings, struct err *err);
void repair_lists_free(struct repair_lists *lists);
uint32_t repair_lists_truths(const struct repair_lists *lists, size_t k);
uint32_t repair_lists_missed(const struct repair_lists *lists, size_t k);

/* Calls `take` for each detection of the list of class k, and also for those that have no error
 * because they are not looked at; a mender passes them over. code: below REPAIR_CODES. */
enum {
    REPAIR_CODES = 64
};
typedef void repair_take(void *self, uint32_t index, uint8_t code);
void repair_lists_walk(const struct repair_lists *lists, size_t k, repair_take *take, void *self);

/* Whether the detection is of another class, and would move to this one. */
bool repair_moves_in(uint8_t code);

/* Whether a mender takes it: it was looked at. */
bool repair_is_looked_at(uint8_t code);

#endif
