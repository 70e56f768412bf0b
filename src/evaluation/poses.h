/*
 * The keypoints of ground truths and detections, packed, and how much they are alike: the object
 * keypoint similarity, OKS (cocoeval.py, computeOks). Equal to cocoeval but for the last bits of
 * exp(). A pose takes 16 bytes for each of its points, that of a truth 24.
 */
#ifndef PGCOCO_EVALUATION_POSES_H
#define PGCOCO_EVALUATION_POSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "evaluation/overlaps.h"
#include "evaluation/settings.h"
#include "json/number_lists.h"
#include "json/parser.h"

/* Poses by row, all of the same number of doubles. */
struct pose_list {
    uint32_t *places; /* by row, in units of a pose; POSE_NONE: the row has none */
    size_t count;
    size_t cap;
    double *numbers;
    size_t pose_count;
    size_t pose_cap;
    size_t size; /* doubles of a pose */
};

#define POSE_NONE UINT32_MAX

struct poses {
    size_t point_count;
    double variances[SIGMAS_MAX]; /* (2 * sigma)^2 */
    struct pose_list truths;      /* x, y, visibility; those with a labelled point */
    struct pose_list detections;  /* x, y */

    /* What users should know. */
    size_t detections_without; /* detections without keypoints: they overlap nothing */
    size_t unreadable;         /* rows whose keypoints cannot be read: as if they had none */

    struct number_lists lists;
    struct json_parser parser;
};

/* Starts empty, for poses of settings->sigma_count points. Call poses_free in any case. */
void poses_init(struct poses *poses, const struct settings *settings);
void poses_free(struct poses *poses);

/* Frees what only adding needs. */
void poses_finish(struct poses *poses);

/* Add the keypoints of the next row (truth.row, detection.row): JSON as in the database, a list of
 * x, y, visibility, or of x, y (all are then visible), or of such points; data is NULL if there
 * are none. annotation_id: for messages. extra: the other members of a truth, an object, or NULL;
 * *is_unlabelled is set if its num_keypoints is 0, or, where it has none, if no point has a
 * visibility above 0: cocoeval ignores such truths. ERR_BAD_REQUEST if the points are not as many
 * as the sigmas; ERR_BUSY if there is no memory. */
bool poses_add_truth(struct poses *poses, struct slice keypoints, struct slice extra,
                     int64_t annotation_id, bool *is_unlabelled, struct err *err);
bool poses_add_detection(struct poses *poses, struct slice keypoints, int64_t annotation_id,
                         struct err *err);

/* Appends the poses of others, which another thread may have added, and what users should know of
 * them. ERR_BUSY if there is no memory. */
bool poses_append(struct poses *poses, const struct poses *others, struct err *err);

/* The area of a detection where the first row of its file has no box: the extent of its points.
 * 0 if it has none. */
double poses_area(const struct poses *poses, uint32_t row);

/* An overlap_function; self: struct poses. A truth without a labelled point is compared by the
 * distance of the points to its box, made three times as wide and high. */
overlap_function overlap_of_poses;

#endif
