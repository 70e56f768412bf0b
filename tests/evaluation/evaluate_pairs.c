/*
 * Evaluates pairs of a ground truth and a results file, for tests/evaluation/run, which compares
 * every number with those of a plain evaluator.
 *
 * Standard input: words, separated by white space; tests/evaluation/exchange.py writes them.
 * Standard output, of each pair: lists, each a line "NAME COUNT" and so many doubles as the machine
 * has them; the last one is "end 0". What is wrong with the input ends the program with status 2.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "evaluation/accumulate.h"
#include "evaluation/match.h"
#include "evaluation/metrics.h"
#include "evaluation/objects.h"
#include "evaluation/overlaps.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    WORD_ROOM = 64
};

struct pair {
    struct settings settings;
    struct objects objects;
    struct selection selection;
    bool *images;     /* of the selection */
    bool *categories; /* likewise */
    unsigned threads;
    unsigned depth;
    double *overlaps; /* by row of the detection, then of the truth; NULL: of boxes */
    struct curves curves;
    struct verdict *verdicts;
    uint32_t *used;
};

static void fail(const char *what) {
    fprintf(stderr, "evaluate_pairs: %s\n", what);
    exit(2);
}

static void check(bool good, const struct err *err) {
    if (!good) fail(err->message);
}

static void *room(size_t count, size_t size) {
    void *array = calloc(count + 1, size);
    if (!array) fail("out of memory");
    return array;
}

/* ---- reading ----------------------------------------------------------------------------- */

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

static size_t read_doubles(double *list, size_t most) {
    size_t count = read_count();
    if (count > most) fail("a list is too long");
    for (size_t i = 0; i < count; i++) list[i] = read_number();
    return count;
}

static void read_settings(struct settings *settings) {
    memset(settings, 0, sizeof *settings);
    settings->iou_type = (enum iou_type)read_count();
    settings->exact = read_count() != 0;
    settings->threshold_count = read_doubles(settings->thresholds, THRESHOLDS_MAX);
    settings->max_det_count = read_count();
    if (settings->max_det_count > MAX_DETS_MAX) fail("too many cuts");
    for (size_t i = 0; i < settings->max_det_count; i++) settings->max_dets[i] = read_index();
    settings->area_count = read_count();
    if (settings->area_count > AREAS_MAX) fail("too many areas");
    for (size_t i = 0; i < settings->area_count; i++) {
        char word[WORD_ROOM];
        if (!next_word(word)) fail("the input ends in the areas");
        snprintf(settings->areas[i].name, AREA_NAME_ROOM, "%.15s", word);
        settings->areas[i].low = read_number();
        settings->areas[i].high = read_number();
    }
    settings->iou = read_number();
    settings->confidence = read_number();
    settings->sigma_count = read_doubles(settings->sigmas, SIGMAS_MAX);
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

static void read_truths(struct objects *objects) {
    struct err err = {0};
    for (size_t count = read_count(); count > 0; count--) {
        struct truth truth = {.annotation_id = (int64_t)read_number()};
        truth.area = read_number();
        truth.bbox = read_box();
        truth.image = read_index();
        truth.category = read_index();
        truth.is_crowd = read_count() != 0;
        truth.is_ignored = read_count() != 0;
        check(objects_add_truth(objects, &truth, &err), &err);
    }
}

static void read_detections(struct objects *objects) {
    struct err err = {0};
    for (size_t count = read_count(); count > 0; count--) {
        struct detection detection = {.score = read_number()};
        int64_t id = (int64_t)read_number();
        detection.area = read_number();
        struct bbox box = read_box();
        detection.image = read_index();
        detection.category = read_index();
        check(objects_add_detection(objects, &detection, id, &box, &err), &err);
    }
}

/* Reads row of the detection, row of the truth, and IoU, of each pair that overlaps. */
static double *read_overlaps(const struct objects *objects) {
    double *overlaps = room(objects->detection_count * objects->truth_count, sizeof *overlaps);
    for (size_t count = read_count(); count > 0; count--) {
        size_t row = read_count();
        size_t truth = read_count();
        overlaps[row * objects->truth_count + truth] = read_number();
    }
    return overlaps;
}

static bool read_pair(struct pair *pair) {
    char word[WORD_ROOM];
    memset(pair, 0, sizeof *pair);
    if (!next_word(word)) return false;
    if (strcmp(word, "pair") != 0) fail("a pair must begin with 'pair'");
    pair->threads = read_index();
    pair->depth = read_index();
    read_settings(&pair->settings);
    objects_init(&pair->objects);
    pair->objects.image_count = read_ids(&pair->objects.image_ids);
    pair->objects.category_count = read_ids(&pair->objects.category_ids);
    pair->selection.images = pair->images = read_flags();
    pair->selection.categories = pair->categories = read_flags();
    read_truths(&pair->objects);
    read_detections(&pair->objects);
    if (pair->settings.iou_type != IOU_BBOX) pair->overlaps = read_overlaps(&pair->objects);
    return true;
}

/* ---- evaluating -------------------------------------------------------------------------- */

static double overlap_of_table(const void *self, const struct objects *objects, uint32_t detection,
                               uint32_t truth) {
    const struct pair *pair = self;
    return pair->overlaps[objects->detections[detection].row * objects->truth_count +
                          objects->truths[truth].row];
}

/* In two parts, as threads would. */
static void evaluate_area(struct pair *pair, size_t area) {
    struct err err = {0};
    const struct objects *objects = &pair->objects;
    uint32_t images = (uint32_t)objects->image_count;
    uint32_t classes = (uint32_t)objects->category_count;
    uint32_t image_parts[] = {0, images / 2, images};
    uint32_t class_parts[] = {0, classes / 2, classes};
    for (size_t i = 0; i < 2; i++) {
        match_images(objects, &pair->settings, area, image_parts[i], image_parts[i + 1], pair->used,
                     pair->verdicts);
    }
    for (size_t i = 0; i < 2; i++) {
        check(accumulate(&pair->curves, objects, &pair->settings, &pair->selection, area,
                         pair->verdicts, class_parts[i], class_parts[i + 1], &err),
              &err);
    }
}

static void evaluate(struct pair *pair) {
    struct err err = {0};
    struct objects *objects = &pair->objects;
    check(objects_sort(objects, &err), &err);
    check(overlaps_fill(objects, pair->depth, pair->overlaps ? overlap_of_table : overlap_of_boxes,
                        pair, pair->threads, NULL, &err),
          &err);
    pair->verdicts = room(objects->detection_count, sizeof *pair->verdicts);
    pair->used = room(objects->truth_count, sizeof *pair->used);
    check(curves_init(&pair->curves, objects, &pair->settings, &err), &err);
    curves_count_truths(&pair->curves, objects, &pair->settings, &pair->selection);
    for (size_t area = 0; area < pair->settings.area_count; area++) evaluate_area(pair, area);
}

/* ---- printing ---------------------------------------------------------------------------- */

static void print_list(const char *name, const double *list, size_t count) {
    printf("%s %zu\n", name, count);
    fwrite(list, sizeof *list, count, stdout);
}

static void print_curves(const struct pair *pair) {
    const struct curves *curves = &pair->curves;
    size_t points = curves->thresholds * curves->classes * RECALL_POINTS;
    double *truths = room(curves->areas * curves->classes, sizeof *truths);
    for (size_t i = 0; i < curves->areas * curves->classes; i++) truths[i] = curves->truths[i];
    print_list("precision", curves->precision, curves->areas * points);
    print_list("scores", curves->scores, points);
    print_list("recall", curves->recall,
               curves->areas * curves->cuts * curves->thresholds * curves->classes);
    print_list("truths", truths, curves->areas * curves->classes);
    free(truths);
}

/* Of each: is it recall, threshold, area, cut, value, and the value of each class. */
static void print_metrics(const struct pair *pair) {
    struct metric metrics[METRICS_MAX];
    size_t classes = pair->objects.category_count;
    size_t count = metrics_list(&pair->settings, metrics);
    double *list = room(5 + classes, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[0] = metrics[i].is_recall;
        list[1] = metrics[i].threshold;
        list[2] = (double)metrics[i].area;
        list[3] = (double)metrics[i].cut;
        list[4] = metric_value(&metrics[i], &pair->curves, &pair->selection);
        for (size_t k = 0; k < classes; k++) {
            list[5 + k] = metric_of_class(&metrics[i], &pair->curves, k);
        }
        print_list(metrics[i].name, list, 5 + classes);
    }
    free(list);
}

static void print_pair(const struct pair *pair) {
    print_curves(pair);
    print_metrics(pair);
    puts("end 0");
    fflush(stdout);
}

static void free_pair(struct pair *pair) {
    objects_free(&pair->objects);
    curves_free(&pair->curves);
    free(pair->images);
    free(pair->categories);
    free(pair->overlaps);
    free(pair->verdicts);
    free(pair->used);
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
