/*
 * Operating points, calibration, confusion and errors as JSON, as coco.evaluation_store takes them.
 * Each function appends an object. A failure of memory stays in the buffer (base/buf). Doubles read
 * back as the same doubles; what does not apply is -1.
 */
#ifndef PGCOCO_EVALUATION_NUMBERS_JSON_H
#define PGCOCO_EVALUATION_NUMBERS_JSON_H

#include "base/buf.h"
#include "evaluation/confusion.h"
#include "evaluation/findings.h"
#include "evaluation/objects.h"
#include "evaluation/operating_point.h"
#include "evaluation/repairs.h"

/* {"iou":x,"confidence":x,"precision":x,"recall":x,"f1":x,"true_positives":n,"false_positives":n,
 * "false_negatives":n}: "operating_point" and "best_f1". */
void numbers_write_point(struct buf *into, double iou, const struct point *point);

/* {"iou":x,"bins":[{"low":0,"high":0.1,"count":n,"confidence":x,"precision":x}, ...],"ece":x,
 * "mce":x} */
void numbers_write_calibration(struct buf *into, double iou, const struct calibration *calibration);

/* {"iou":x,"confidence":x,"classes":[category ids],"cells":[[truth,predicted,count], ...]}:
 * category ids, null for the background. iou and confidence are those of confusion_match. */
void numbers_write_matrix(struct buf *into, double iou, double confidence,
                          const struct objects *objects, const struct confusion *confusion);

/* {"counts":{"true_positive":n,"localisation":n, ...,"ignored":n}} with all outcomes by name; for
 * all classes also "dap":{"localisation":x, ...} with those that are errors. repairs: NULL for a
 * class. */
void numbers_write_errors(struct buf *into, const struct error_counts *counts,
                          const struct repairs *repairs);

#endif
