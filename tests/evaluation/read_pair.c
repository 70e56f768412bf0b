/*
 * Reads a pair. Its form: words, separated by white space, in an order that read_pair and
 * tests/evaluation/exchange.py share. Numbers are decimal or hexadecimal; of segmentations and
 * keypoints, JSON without spaces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/slice.h"
#include "pair.h"

static void check(bool good, const struct err *err) {
    if (!good) fail(err->message);
}

/* Sets word to the next one; false at the end of the input. */
static bool next_word(char *word) {
    return scanf("%63s", word) == 1;
}

static double read_number(void) {
    char word[WORD_ROOM];
    char *end = word;
    double number = 0;
    if (!next_word(word)) fail("the input ends in a pair");
    number = strtod(word, &end);
    if (*end) fail(word);
    return number;
}

static size_t read_count(void) {
    return (size_t)read_number();
}

static uint32_t read_index(void) {
    return (uint32_t)read_number();
}

/* Reads a list and its length, or leaves both as they are where there is none. */
static void read_doubles(double *list, size_t *length, size_t most) {
    size_t count = read_count();
    if (count > most) fail("a list is too long");
    for (size_t i = 0; i < count; i++) list[i] = read_number();
    if (count > 0) *length = count;
}

static void read_max_dets(struct settings *settings) {
    size_t count = read_count();
    if (count > MAX_DETS_MAX) fail("too many cuts");
    for (size_t i = 0; i < count; i++) settings->max_dets[i] = read_index();
    if (count > 0) settings->max_det_count = count;
}

static void read_areas(struct settings *settings) {
    size_t count = read_count();
    if (count > AREAS_MAX) fail("too many areas");
    for (size_t i = 0; i < count; i++) {
        char word[WORD_ROOM];
        if (!next_word(word)) fail("the input ends in the areas");
        snprintf(settings->areas[i].name, AREA_NAME_ROOM, "%.15s", word);
        settings->areas[i].low = read_number();
        settings->areas[i].high = read_number();
    }
    if (count > 0) settings->area_count = count;
}

/* Lists that are empty stand for the defaults. */
static void read_settings(struct settings *settings) {
    settings_init(settings, (enum iou_type)read_count());
    settings->exact = read_count() != 0;
    read_doubles(settings->thresholds, &settings->threshold_count, THRESHOLDS_MAX);
    read_max_dets(settings);
    read_areas(settings);
    settings->iou = read_number();
    settings->confidence = read_number();
    read_doubles(settings->sigmas, &settings->sigma_count, SIGMAS_MAX);
}

static size_t read_ids(int64_t **ids) {
    size_t count = read_count();
    *ids = room(count, sizeof **ids);
    for (size_t i = 0; i < count; i++) (*ids)[i] = (int64_t)read_number();
    return count;
}

/* Returns NULL for a list of none: all are selected. */
static bool *read_flags(void) {
    size_t count = read_count();
    bool *flags = count > 0 ? room(count, sizeof *flags) : NULL;
    for (size_t i = 0; i < count; i++) flags[i] = read_count() != 0;
    return flags;
}

static struct bbox read_box(void) {
    struct bbox box;
    box.x = read_number();
    box.y = read_number();
    box.w = read_number();
    box.h = read_number();
    return box;
}

/* Returns the next word as a slice; the caller frees its data. */
static struct slice read_text(void) {
    char *text = NULL;
    if (scanf("%ms", &text) != 1) fail("the input ends in a pair");
    return (struct slice){text, strlen(text)};
}

static void free_text(struct slice text) {
    free((void *)text.data);
}

static struct picture read_picture(void) {
    struct picture picture;
    picture.height = (int32_t)read_count();
    picture.width = (int32_t)read_count();
    return picture;
}

static void read_truth_shape(struct pair *pair, struct truth *truth) {
    struct err err = {0};
    bool is_unlabelled = false;
    if (pair->settings.iou_type == IOU_SEGM) {
        struct picture picture = read_picture();
        struct slice text = read_text();
        check(masks_add_truth(&pair->masks, text, &truth->bbox, &picture, &err), &err);
        free_text(text);
    } else if (pair->settings.iou_type == IOU_KEYPOINTS) {
        struct slice text = read_text();
        struct slice extra = read_text();
        check(
            poses_add_truth(&pair->poses, text, extra, truth->annotation_id, &is_unlabelled, &err),
            &err);
        truth->is_ignored |= is_unlabelled;
        free_text(text);
        free_text(extra);
    }
}

static void read_truths(struct pair *pair) {
    struct err err = {0};
    for (size_t count = read_count(); count > 0; count--) {
        struct truth truth = {.annotation_id = (int64_t)read_number()};
        truth.area = read_number();
        truth.bbox = read_box();
        truth.image = read_index();
        truth.category = read_index();
        truth.is_crowd = truth.is_ignored = read_count() != 0;
        read_truth_shape(pair, &truth);
        check(objects_add_truth(&pair->objects, &truth, &err), &err);
    }
}

/* Adds the mask or the keypoints, and sets the area if it is that of these: below 0. */
static void read_detection_shape(struct pair *pair, struct detection *detection,
                                 const struct bbox *box, int64_t id) {
    struct err err = {0};
    uint32_t row = (uint32_t)pair->objects.detection_count;
    if (pair->settings.iou_type == IOU_SEGM) {
        struct picture picture = read_picture();
        struct slice text = read_text();
        check(masks_add_detection(&pair->masks, text, box, &picture, &err), &err);
        if (detection->area < 0) detection->area = masks_area(&pair->masks, row);
        free_text(text);
    } else if (pair->settings.iou_type == IOU_KEYPOINTS) {
        struct slice text = read_text();
        check(poses_add_detection(&pair->poses, text, id, &err), &err);
        if (detection->area < 0) detection->area = poses_area(&pair->poses, row);
        free_text(text);
    }
}

static void read_detections(struct pair *pair) {
    struct err err = {0};
    for (size_t count = read_count(); count > 0; count--) {
        struct detection detection = {.score = read_number()};
        int64_t id = (int64_t)read_number();
        detection.area = read_number();
        struct bbox box = read_box();
        detection.image = read_index();
        detection.category = read_index();
        read_detection_shape(pair, &detection, &box, id);
        check(objects_add_detection(&pair->objects, &detection, id, &box, &err), &err);
    }
}

bool read_pair(struct pair *pair) {
    char word[WORD_ROOM];
    memset(pair, 0, sizeof *pair);
    if (!next_word(word)) return false;
    if (strcmp(word, "pair") != 0) fail("a pair must begin with 'pair'");
    pair->threads = read_index();
    pair->depth = read_index();
    read_settings(&pair->settings);
    objects_init(&pair->objects);
    masks_init(&pair->masks);
    poses_init(&pair->poses, &pair->settings);
    pair->objects.image_count = read_ids(&pair->objects.image_ids);
    pair->objects.category_count = read_ids(&pair->objects.category_ids);
    pair->selection.images = pair->images = read_flags();
    pair->selection.categories = pair->categories = read_flags();
    read_truths(pair);
    read_detections(pair);
    masks_finish(&pair->masks);
    poses_finish(&pair->poses);
    return true;
}
