/* Small evaluations for tests: random ground truths and detections, or those that a test adds. */
#ifndef PGCOCO_TESTS_UNIT_SCENE_H
#define PGCOCO_TESTS_UNIT_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "evaluation/objects.h"
#include "evaluation/overlaps.h"
#include "evaluation/settings.h"
#include "evaluation/verdicts.h"
#include "random.h"

/* Ends the test program where there is no memory or an impossible failure. */
static inline void scene_must(bool good) {
    if (!good) abort();
}

/* Begins objects with images 1..images and classes 1..classes. */
static inline void scene_begin(struct objects *objects, size_t images, size_t classes) {
    objects_init(objects);
    objects->image_ids = calloc(images + 1, sizeof *objects->image_ids);
    objects->category_ids = calloc(classes + 1, sizeof *objects->category_ids);
    scene_must(objects->image_ids && objects->category_ids);
    objects->image_count = images;
    objects->category_count = classes;
    for (size_t i = 0; i < images; i++) objects->image_ids[i] = (int64_t)i + 1;
    for (size_t k = 0; k < classes; k++) objects->category_ids[k] = (int64_t)k + 1;
}

static inline void scene_add_truth(struct objects *objects, uint32_t image, uint32_t category,
                                   struct bbox bbox, bool is_crowd) {
    struct err err;
    struct truth truth = {.annotation_id = (int64_t)objects->truth_count + 1,
                          .area = bbox.w * bbox.h,
                          .bbox = bbox,
                          .image = image,
                          .category = category,
                          .is_crowd = is_crowd,
                          .is_ignored = is_crowd};
    scene_must(objects_add_truth(objects, &truth, &err));
}

static inline void scene_add_detection(struct objects *objects, uint32_t image, uint32_t category,
                                       struct bbox bbox, double score) {
    struct err err;
    int64_t id = (int64_t)objects->detection_count + 1;
    struct detection detection = {
        .score = score, .area = bbox.w * bbox.h, .image = image, .category = category};
    scene_must(objects_add_detection(objects, &detection, id, &bbox, &err));
}

/* Sorts, and finds the overlaps. */
static inline void scene_end(struct objects *objects) {
    struct err err;
    scene_must(objects_sort(objects, 1, &err));
    scene_must(overlaps_fill(objects, 100, overlap_of_boxes, NULL, 1, NULL, &err));
}

static inline struct bbox scene_box(uint64_t *state) {
    return (struct bbox){(double)random_below(state, 30), (double)random_below(state, 30),
                         (double)random_below(state, 60), (double)random_below(state, 60)};
}

static inline struct bbox scene_near(uint64_t *state, struct bbox box) {
    box.x += (double)random_below(state, 5);
    box.w += (double)random_below(state, 5);
    box.h += (double)random_below(state, 3);
    return box;
}

/* Ground truths that depend on `truths` only, and detections near many of them, with few different
 * scores. */
static inline void scene_random(struct objects *objects, uint64_t *truths, uint64_t *detections) {
    size_t images = 1 + random_below(truths, 9);
    size_t classes = 1 + random_below(truths, 4);
    size_t count = random_below(truths, 40);
    scene_begin(objects, images, classes);
    for (size_t i = 0; i < count; i++) {
        uint32_t image = (uint32_t)random_below(truths, images);
        uint32_t category = (uint32_t)random_below(truths, classes);
        struct bbox box = scene_box(truths);
        scene_add_truth(objects, image, category, box, random_below(truths, 8) == 0);
        while (random_below(detections, 3) > 0) {
            scene_add_detection(objects, image, category, scene_near(detections, box),
                                (double)random_below(detections, 20) / 20);
        }
    }
    for (size_t i = random_below(detections, 30); i > 0; i--) {
        scene_add_detection(objects, (uint32_t)random_below(detections, images),
                            (uint32_t)random_below(detections, classes), scene_box(detections),
                            (double)random_below(detections, 20) / 20);
    }
    scene_end(objects);
}

/* Returns the verdicts for the first area range. The caller frees them. */
static inline struct verdict *scene_verdicts(const struct objects *objects,
                                             const struct settings *settings) {
    struct err err;
    struct verdict *verdicts = verdicts_make(objects, settings, 1, 1, NULL, &err);
    scene_must(verdicts != NULL);
    return verdicts;
}

#endif
