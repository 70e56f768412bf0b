/*
 * Writes rows as binary COPY tuples. Only this module knows the order of the columns: each kind of
 * row has its column list next to its encoder.
 */
#ifndef PGCOCO_STORE_TUPLE_H
#define PGCOCO_STORE_TUPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "coco/annotation.h"
#include "coco/dataset.h"
#include "store/copy.h"

/* A detection that is only a box with a score; for the leaf of a run as it was created. */
extern const char tuple_box_columns[];
void tuple_put_box(struct copy *copy, const struct annotation *row);

/* Any detection; for a leaf that was widened (coco.widen_leaf). */
extern const char tuple_detection_columns[];
void tuple_put_detection(struct copy *copy, const struct annotation *row);

/* A detection with ids of the file's own, matched later (coco.widen_leaf_for_own_ids). */
extern const char tuple_late_columns[];
void tuple_put_late(struct copy *copy, const struct annotation *row, bool own_image,
                    bool own_category);

/* An annotation of a ground truth. */
extern const char tuple_annotation_columns[];
void tuple_put_annotation(struct copy *copy, const struct annotation *row);

/* An annotation that is finished when the whole file has been read; for a leaf that was widened
 * (coco.widen_leaf_to_finish). numbered: its id is a number given to it. place: its index in the
 * array. */
extern const char tuple_unfinished_columns[];
void tuple_put_unfinished(struct copy *copy, const struct dataset_annotation *annotation,
                          bool numbered, uint64_t place);

/* Staged rows carry their place in the file, so that a duplicate can be reported. index: in the
 * array, from 0; offset: in bytes of the body. */
extern const char tuple_image_columns[];
void tuple_put_image(struct copy *copy, const struct image *row, uint64_t index, uint64_t offset);

extern const char tuple_category_columns[];
void tuple_put_category(struct copy *copy, const struct category *row, uint64_t index,
                        uint64_t offset);

/* A row of coco.matches, of a detection or of a ground truth, which views explain. */
struct match_row {
    bool is_truth;
    int64_t id; /* of the detection, or of the ground truth */
    int64_t image_id;
    int32_t category_id;
    double confidence;   /* of a detection */
    const char *outcome; /* a label of coco.outcome */
    bool has_other;      /* the ground truth of a detection, or the detection of a ground truth */
    int64_t other_id;
    int32_t other_category_id;
    double iou;
    bool is_left_out; /* of the confusion matrix */
    bool is_confused; /* takes the other side in the confusion matrix; false: background */
    int32_t confused_category_id;
    double confused_confidence; /* of the detection that takes a ground truth */
};

/* For the leaf of coco.matches_begin. */
extern const char tuple_match_columns[];
void tuple_put_match(struct copy *copy, const struct match_row *row);

/* Curves of a class of an evaluation: `rows` lists of `points` numbers each, which may lie
 * anywhere. rows * points must be at most CURVES_MAX. */
enum {
    CURVES_MAX = 4096
};
extern const char tuple_curves_columns[];
void tuple_put_curves(struct copy *copy, int64_t evaluation_id, int32_t category_id, size_t rows,
                      size_t points, const double *const *precision, const double *const *scores);

#endif
