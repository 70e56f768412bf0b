/*
 * What an evaluation is asked for: the kind of overlap, thresholds, areas, cuts. Defaults are
 * COCO's (pycocotools, cocoeval.py, class Params).
 */
#ifndef PGCOCO_EVALUATION_SETTINGS_H
#define PGCOCO_EVALUATION_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum iou_type {
    IOU_BBOX,
    IOU_SEGM,
    IOU_KEYPOINTS,
    IOU_TYPES
};

enum {
    THRESHOLDS_MAX = 32, /* a set of them fits into 32 bits */
    MAX_DETS_MAX = 8,
    MAX_DET_LARGEST = 1000,
    AREAS_MAX = 8,
    AREA_NAME_ROOM = 16,
    SIGMAS_MAX = 256,
    RECALL_POINTS = 101
};

/* Objects whose area lies between low and high, both included, in square pixels. */
struct area_range {
    char name[AREA_NAME_ROOM];
    double low;
    double high;
};

struct settings {
    enum iou_type iou_type;
    /* A ground truth whose annotation_id is 0 counts as unmatched even where a detection matches
     * it, as in pycocotools. */
    bool exact;
    size_t threshold_count;
    double thresholds[THRESHOLDS_MAX]; /* ascending, above 0, at most 1 */
    size_t max_det_count;
    unsigned max_dets[MAX_DETS_MAX]; /* detections of an image and class; ascending */
    size_t area_count;
    struct area_range areas[AREAS_MAX]; /* the first one holds all areas, by default */
    double iou;                         /* the operating point: a threshold above 0 */
    double confidence;                  /* and the least score */
    size_t sigma_count;                 /* keypoints: number of points */
    double sigmas[SIGMAS_MAX];
};

/* Sets COCO's defaults for this kind of overlap; iou .5, confidence .25. */
void settings_init(struct settings *settings, enum iou_type iou_type);

/* "bbox", "segm" or "keypoints". */
const char *iou_type_name(enum iou_type iou_type);

/* Reads such a name; NULL is bbox. False if it is none. */
bool iou_type_read(const char *name, enum iou_type *iou_type);

/* The cut that holds for AP: the largest. */
static inline unsigned settings_depth(const struct settings *settings) {
    return settings->max_dets[settings->max_det_count - 1];
}

/* Read lists, as users write them, into *settings; on failure ERR_BAD_REQUEST with what is wrong.
 * thresholds: "0.5,0.75" or "0.5:0.95:0.05" (first:last:step); max_dets: "1,10,100"; areas:
 * "name:low-high,…", the first for AP; sigmas: "0.026,0.025,…". */
bool settings_read_thresholds(struct settings *settings, const char *text, struct err *err);
bool settings_read_max_dets(struct settings *settings, const char *text, struct err *err);
bool settings_read_areas(struct settings *settings, const char *text, struct err *err);
bool settings_read_sigmas(struct settings *settings, const char *text, struct err *err);

#endif
