/*
 * Which detection finds which ground truth, at each threshold: cocoeval.py, evaluateImg. Classes do
 * not mix. Per image and class, detections choose in the order of their rank the unused ground
 * truth that they overlap most.
 */
#ifndef PGCOCO_EVALUATION_MATCH_H
#define PGCOCO_EVALUATION_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evaluation/objects.h"
#include "evaluation/settings.h"
#include "evaluation/share.h"

/* What became of a detection; bit t stands for thresholds[t]. A hit is matched and not ignored, a
 * false positive neither. */
struct verdict {
    uint32_t matched;
    uint32_t ignored;
};

/* True if a ground truth counts for this area range: cocoeval's `_ignore` is 0. */
static inline bool truth_counts(const struct truth *truth, const struct area_range *area) {
    return !truth->is_ignored && !(truth->area < area->low || truth->area > area->high);
}

/* Judges the detections of images first..end-1 for the first `areas` area ranges; those with a rank
 * of settings_depth or more get all 0. verdicts: `areas` for each detection of *objects, one after
 * the other; used: room for `areas` numbers for each truth. Of both, only what belongs to these
 * images is touched. False with share->err if the share may not go on; share may be NULL. */
bool match_images(const struct objects *objects, const struct settings *settings, size_t areas,
                  uint32_t first, uint32_t end, uint32_t *used, struct verdict *verdicts,
                  struct share *share);

#endif
