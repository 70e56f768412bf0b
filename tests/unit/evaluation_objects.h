/* Small objects of an evaluation, from tables of boxes. */
#ifndef PGCOCO_TESTS_UNIT_EVALUATION_OBJECTS_H
#define PGCOCO_TESTS_UNIT_EVALUATION_OBJECTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "evaluation/objects.h"
#include "evaluation/overlaps.h"

/* Rows are in the order of a file. Images and classes are indexes; the id of a class is 10 more. */
struct truth_row {
    uint32_t image;
    uint32_t category;
    struct bbox bbox;
    bool is_crowd;
};

struct detection_row {
    uint32_t image;
    uint32_t category;
    double score;
    struct bbox bbox;
};

struct scene {
    size_t images;
    size_t categories;
    const struct truth_row *truths;
    size_t truth_count;
    const struct detection_row *detections;
    size_t detection_count;
};

enum {
    FIRST_CATEGORY_ID = 10,
    FIRST_TRUTH_ID = 1
};

/* Everything overlaps as boxes do; all pairs of a class are compared. Call objects_free. */
static inline void scene_build(struct objects *objects, const struct scene *scene) {
    struct err err;
    objects_init(objects);
    objects->image_count = scene->images;
    objects->category_count = scene->categories;
    objects->image_ids = calloc(scene->images + 1, sizeof(int64_t));
    objects->category_ids = calloc(scene->categories + 1, sizeof(int64_t));
    if (!objects->image_ids || !objects->category_ids) abort();
    for (size_t i = 0; i < scene->images; i++) objects->image_ids[i] = (int64_t)i;
    for (size_t i = 0; i < scene->categories; i++) {
        objects->category_ids[i] = FIRST_CATEGORY_ID + (int64_t)i;
    }
    for (size_t i = 0; i < scene->truth_count; i++) {
        const struct truth_row *row = &scene->truths[i];
        struct truth truth = {.annotation_id = FIRST_TRUTH_ID + (int64_t)i,
                              .area = row->bbox.w * row->bbox.h,
                              .bbox = row->bbox,
                              .image = row->image,
                              .category = row->category,
                              .is_crowd = row->is_crowd,
                              .is_ignored = row->is_crowd};
        if (!objects_add_truth(objects, &truth, &err)) abort();
    }
    for (size_t i = 0; i < scene->detection_count; i++) {
        const struct detection_row *row = &scene->detections[i];
        struct detection detection = {.score = row->score,
                                      .area = row->bbox.w * row->bbox.h,
                                      .image = row->image,
                                      .category = row->category};
        if (!objects_add_detection(objects, &detection, (int64_t)i, &row->bbox, &err)) abort();
    }
    if (!objects_sort(objects, 1, &err)) abort();
    if (!overlaps_fill(objects, 100, overlap_of_boxes, NULL, 1, NULL, &err)) abort();
}

/* The place of a row in objects->truths or objects->detections. */
static inline uint32_t truth_of_row(const struct objects *objects, uint32_t row) {
    uint32_t i = 0;
    while (objects->truths[i].row != row) i++;
    return i;
}

static inline uint32_t detection_of_row(const struct objects *objects, uint32_t row) {
    uint32_t i = 0;
    while (objects->detections[i].row != row) i++;
    return i;
}

#endif
