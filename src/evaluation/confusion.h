/*
 * The confusion matrix, with the background as one more class. Two conventions stand beside each
 * other:
 *
 * - Across classes: in each image the detections with at least the confidence, at most
 *   CROSS_CLASS_DEPTH of the surest, take in the order of their scores the unused ground truth of
 *   any class that they overlap most (of equal ones: one of their class, then the first), if by
 *   `iou` or more. What takes none is background, unless it overlaps a crowd of its class by that
 *   much: then it is left out. Crowds are no ground truths here.
 * - COCO's: matching within classes (evaluation/operating_point): there are only the diagonal and
 *   the background.
 */
#ifndef PGCOCO_EVALUATION_CONFUSION_H
#define PGCOCO_EVALUATION_CONFUSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"

#define CONFUSION_BACKGROUND UINT32_MAX
#define CONFUSION_LEFT_OUT (UINT32_MAX - 1)

/* A cell that is not 0. */
struct confusion_cell {
    uint32_t truth;     /* index of a class, or CONFUSION_BACKGROUND */
    uint32_t predicted; /* likewise */
    uint64_t count;
};

struct confusion {
    size_t count;
    struct confusion_cell *cells; /* by truth, then predicted; background last */
};

/* Says for each detection which ground truth it takes: an index in objects->truths,
 * CONFUSION_BACKGROUND, or CONFUSION_LEFT_OUT. Those with a lower score than `confidence` are left
 * out; this changes nothing for the others. Images first..end-1. takes: one for each detection. */
void confusion_match(const struct objects *objects, double iou, double confidence, uint32_t first,
                     uint32_t end, uint32_t *takes);

/* Counts the cells of the selected images. takes: from confusion_match for all images. ERR_BUSY if
 * there is no memory. Free in any case. */
bool confusion_count(struct confusion *confusion, const struct objects *objects,
                     const struct selection *selection, const uint32_t *takes, struct err *err);
void confusion_free(struct confusion *confusion);

#endif
