/*
 * Evaluates pairs of a ground truth and a results file, for tests/evaluation/run, which compares
 * every number with those of a plain evaluator. Reads from standard input and writes to standard
 * output. What is wrong with the input ends the program with status 2.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
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

/* What numbers_compute looks at and does not keep. */
static void find_more(struct pair *pair) {
    struct err err = {0};
    const struct objects *objects = &pair->objects;
    pair->takes = room(objects->detection_count, sizeof *pair->takes);
    confusion_match(objects, pair->settings.iou, pair->settings.confidence, 0,
                    (uint32_t)objects->image_count, pair->takes, NULL);
    check(findings_find(&pair->findings, objects, pair->threads, NULL, &err), &err);
}

static void evaluate(struct pair *pair) {
    struct err err = {0};
    struct objects *objects = &pair->objects;
    check(objects_sort(objects, pair->threads, &err), &err);
    fill_overlaps(pair);
    check(numbers_compute(&pair->numbers, objects, &pair->settings, &pair->selection, pair->threads,
                          NULL, &err),
          &err);
    find_more(pair);
}

static void free_pair(struct pair *pair) {
    objects_free(&pair->objects);
    masks_free(&pair->masks);
    poses_free(&pair->poses);
    numbers_free(&pair->numbers);
    free(pair->images);
    free(pair->categories);
    free(pair->takes);
    findings_free(&pair->findings);
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
