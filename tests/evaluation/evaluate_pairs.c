/*
 * Evaluates pairs of a ground truth and a results file, for tests/evaluation/run, which compares
 * every number with those of a plain evaluator. Reads from standard input and writes to standard
 * output. What is wrong with the input ends the program with status 2.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "evaluation/match.h"
#include "evaluation/overlaps.h"
#include "pair.h"

void fail(const char *what) {
    fprintf(stderr, "evaluate_pairs: %s\n", what);
    exit(2);
}

void *room(size_t count, size_t size) {
    void *array = calloc(count + 1, size);
    if (!array) fail("out of memory");
    return array;
}

static void check(bool good, const struct err *err) {
    if (!good) fail(err->message);
}

static void fill_overlaps(struct pair *pair) {
    struct err err = {0};
    overlap_function *overlap = overlap_of_boxes;
    const void *self = NULL;
    if (pair->settings.iou_type == IOU_SEGM) {
        overlap = overlap_of_masks;
        self = &pair->masks;
    } else if (pair->settings.iou_type == IOU_KEYPOINTS) {
        overlap = overlap_of_poses;
        self = &pair->poses;
    }
    check(overlaps_fill(&pair->objects, pair->depth, overlap, self, pair->threads, NULL, &err),
          &err);
}

static void measure_operations(struct pair *pair) {
    struct err err = {0};
    const struct objects *objects = &pair->objects;
    struct settings single = operations_settings(&pair->settings);
    struct verdict *verdicts = room(objects->detection_count, sizeof *verdicts);
    uint32_t *used = room(objects->truth_count, sizeof *used);
    pair->operations = room(objects->category_count, sizeof *pair->operations);
    match_images(objects, &single, 1, 0, (uint32_t)objects->image_count, used, verdicts);
    check(operations_measure(objects, &pair->settings, &pair->selection, verdicts, pair->operations,
                             &pair->operation, &err),
          &err);
    free(verdicts);
    free(used);
}

static void find_confusion(struct pair *pair) {
    struct err err = {0};
    const struct objects *objects = &pair->objects;
    pair->takes = room(objects->detection_count, sizeof *pair->takes);
    confusion_match(objects, pair->settings.iou, pair->settings.confidence, 0,
                    (uint32_t)objects->image_count, pair->takes);
    check(confusion_count(&pair->confusion, objects, &pair->selection, pair->takes, &err), &err);
}

static void find_errors(struct pair *pair) {
    struct err err = {0};
    const struct objects *objects = &pair->objects;
    pair->errors = room(objects->category_count, sizeof *pair->errors);
    check(findings_find(&pair->findings, objects, pair->threads, NULL, &err), &err);
    findings_count(&pair->findings, objects, &pair->selection, pair->errors, &pair->all_errors);
    check(repairs_measure(&pair->repairs, objects, &pair->selection, &pair->findings, &err), &err);
}

static void evaluate(struct pair *pair) {
    struct err err = {0};
    struct objects *objects = &pair->objects;
    check(objects_sort(objects, pair->threads, &err), &err);
    fill_overlaps(pair);
    check(numbers_compute(&pair->numbers, objects, &pair->settings, &pair->selection, pair->threads,
                          NULL, &err),
          &err);
    measure_operations(pair);
    find_confusion(pair);
    find_errors(pair);
}

static void free_pair(struct pair *pair) {
    objects_free(&pair->objects);
    masks_free(&pair->masks);
    poses_free(&pair->poses);
    numbers_free(&pair->numbers);
    confusion_free(&pair->confusion);
    free(pair->images);
    free(pair->categories);
    free(pair->operations);
    free(pair->takes);
    findings_free(&pair->findings);
    free(pair->errors);
}

int main(void) {
    struct pair pair;
    while (read_pair(&pair)) {
        evaluate(&pair);
        print_pair(&pair);
        free_pair(&pair);
    }
    return 0;
}
