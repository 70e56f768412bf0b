/*
 * Rows as COPY's binary tuples. The only place that knows the order of the columns: each kind of row
 * has its column list and its encoder side by side.
 */
#ifndef PGCOCO_STORE_TUPLE_H
#define PGCOCO_STORE_TUPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "coco/annotation.h"
#include "coco/dataset.h"
#include "store/copy.h"

/* A prediction that is no more than a box with a score; the leaf of a run as it is created. */
extern const char tuple_box_columns[];
void tuple_put_box(struct copy *copy, const struct annotation *row);

/* Any prediction; the leaf has been widened (coco.widen_leaf). */
extern const char tuple_detection_columns[];
void tuple_put_detection(struct copy *copy, const struct annotation *row);

/* A prediction whose ids may be the file's own, to be matched later (coco.widen_leaf_for_own_ids). */
extern const char tuple_late_columns[];
void tuple_put_late(struct copy *copy, const struct annotation *row, bool own_image,
                    bool own_category);

/* An annotation of the ground truth. */
extern const char tuple_annotation_columns[];
void tuple_put_annotation(struct copy *copy, const struct annotation *row);

/* Staged rows carry where they came from, so that a duplicate can be shown. index: in the file's
 * array, from 0; offset: byte of the body. */
extern const char tuple_image_columns[];
void tuple_put_image(struct copy *copy, const struct image *row, uint64_t index, uint64_t offset);

extern const char tuple_category_columns[];
void tuple_put_category(struct copy *copy, const struct category *row, uint64_t index,
                        uint64_t offset);

#endif
