/*
 * Rows of another kind of file than the one expected: captions, panoptic segments, a ground truth
 * in the place of results. For messages only; called for a row that is skipped.
 */
#ifndef PGCOCO_COCO_MISPLACED_H
#define PGCOCO_COCO_MISPLACED_H

#include <stdbool.h>

#include "json/value.h"

/* What is said of an array, or rows, in the place of a ground truth. */
extern const char misplaced_results[];

/* Judges a row of a run, or an annotation of a ground truth. Returns what it seems to be and what
 * to do, as a sentence without its end; constant. NULL if it is nothing known. */
const char *misplaced_row(const struct json_value *row, bool of_a_run);

#endif
