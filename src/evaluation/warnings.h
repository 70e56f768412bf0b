/* What makes the numbers of an evaluation doubtful, in words. */
#ifndef PGCOCO_EVALUATION_WARNINGS_H
#define PGCOCO_EVALUATION_WARNINGS_H

#include "base/buf.h"
#include "evaluation/numbers.h"
#include "evaluation/objects.h"
#include "evaluation/settings.h"

/* Appends a JSON list of {"code", "message"}:
 *
 *     id_0                  a ground truth has annotation id 0, which counts as unmatched
 *     no_ground_truth       nothing counts: all numbers are -1
 *     no_predictions        images with ground truth have no prediction
 *     equal_scores          all scores are equal, so their order means nothing
 *     never_predicted       classes with ground truth are never predicted
 *     no_mask, unreadable, no_image_size, no_keypoints
 *                           rows of which the masks or keypoints had to be made up
 *
 * coco.evaluation_store adds import_hint: what the import of the run said of the file as a whole,
 * such as boxes that look like corners. Of the objects, only the ids of classes are looked at. */
void warnings_write(struct buf *into, const struct numbers *numbers, const struct objects *objects,
                    const struct settings *settings);

#endif
