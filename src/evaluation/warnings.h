/* What makes the numbers of an evaluation doubtful, in words. */
#ifndef PGCOCO_EVALUATION_WARNINGS_H
#define PGCOCO_EVALUATION_WARNINGS_H

#include "base/buf.h"
#include "evaluation/numbers.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

/* Appends a JSON list of {"code", "message"}:
 *
 *     id_0                  a ground truth has annotation id 0, which counts as unmatched
 *     no_ground_truth       nothing counts: all numbers are -1
 *     no_predictions        images with ground truth have no prediction
 *     equal_scores          all scores are equal, so their order means nothing
 *     corners               boxes look like corners instead of a corner and a size
 *     never_predicted       classes with ground truth are never predicted
 *     no_mask               segm: ground truths have no mask; their box stands for it
 *     unreadable_shape      masks or keypoints cannot be read
 *     no_image_size         segm: masks lie in images whose size is not known
 *     no_keypoints          keypoints: predictions have none */
void warnings_write(struct buf *into, const struct numbers *numbers, const struct objects *objects,
                    const struct settings *settings, const struct selection *selection);

#endif
