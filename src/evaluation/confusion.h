/*
 * The confusion matrix, with the background as one more class. Two conventions stand beside each
 * other:
 *
 * - Across classes. In each image the detections with place < CROSS_CLASS_DEPTH and at least the
 *   confidence take, in the order of their places, a ground truth: of those of any class that are
 *   not ignored and not taken, the one that they overlap most; of equal ones, one of their class;
 *   then the one that comes first in its file (the lowest row). The overlap must be at least
 *   min(iou, 1 - 1e-10), as in cocoeval. A detection that takes none is left out if it overlaps an
 *   ignored ground truth of its class by that much (a crowd; for keypoints also one without a
 *   labelled point), else it is background. A ground truth that is not ignored and not taken is
 *   missed: its prediction is background.
 * - COCO's: matching within classes (evaluation/operating_point). There are only the diagonal and
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
#include "evaluation/share.h"

#define CONFUSION_BACKGROUND UINT32_MAX
#define CONFUSION_LEFT_OUT (UINT32_MAX - 1)

/* A cell that is not 0. */
struct confusion_cell {
    uint32_t truth;     /* index of a class, or CONFUSION_BACKGROUND */
    uint32_t predicted; /* likewise; not both are background */
    uint64_t count;
};

struct confusion {
    size_t count;
    struct confusion_cell *cells; /* by truth, then predicted; background last */
    size_t class_count;
    uint32_t *classes; /* those that are selected, and others that stand in a cell; ascending */
};

/* Says for each detection of images first..end-1 which ground truth it takes: an index in
 * objects->truths, CONFUSION_BACKGROUND, or CONFUSION_LEFT_OUT, also for those with a lower score
 * than `confidence` or a place of CROSS_CLASS_DEPTH or more. A higher confidence only leaves out
 * more and changes nothing for the others. takes: one for each detection of *objects; those of
 * other images are not touched. False with share->err if the share may not go on; share may be
 * NULL. */
bool confusion_match(const struct objects *objects, double iou, double confidence, uint32_t first,
                     uint32_t end, uint32_t *takes, struct share *share);

/* What the surest detections of an image take, by place. */
struct image_takes {
    uint32_t count; /* the rest is left out */
    uint32_t of[CROSS_CLASS_DEPTH];
};

/* The same for one image. */
bool confusion_match_image(const struct objects *objects, double iou, double confidence,
                           uint32_t image, struct image_takes *takes, struct share *share);

/* Counts the cells of the selected images; with selected classes, those cells of whose truth or
 * prediction the class is selected. takes: from confusion_match for all images. ERR_BUSY if there
 * is no memory. Call confusion_free in any case. */
bool confusion_count(struct confusion *confusion, const struct objects *objects,
                     const struct selection *selection, const uint32_t *takes, struct err *err);
void confusion_free(struct confusion *confusion);

/* Adds the cells of other images, of the same classes. ERR_BUSY if there is no memory. */
bool confusion_add(struct confusion *confusion, const struct confusion *more, struct err *err);

#endif
