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
#include "evaluation/confusion.h"
#include "evaluation/findings.h"
#include "evaluation/masks.h"
#include "evaluation/match.h"
#include "evaluation/metrics.h"
#include "evaluation/numbers.h"
#include "evaluation/objects.h"
#include "evaluation/operating_point.h"
#include "evaluation/overlaps.h"
#include "evaluation/poses.h"
#include "evaluation/repairs.h"
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
    struct masks masks;
    struct poses poses;
    struct numbers numbers;
    struct operation *operations; /* of each class */
    struct operation operation;   /* of all */
    uint32_t *takes;
    struct confusion confusion;
    struct findings findings;
    struct error_counts *errors; /* of each class */
    struct error_counts all_errors;
    struct repairs repairs;
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
    check(objects_sort(objects, &err), &err);
    check(overlaps_fill(objects, pair->depth, pair->overlaps ? overlap_of_table : overlap_of_boxes,
                        pair, pair->threads, NULL, &err),
          &err);
    check(numbers_compute(&pair->numbers, objects, &pair->settings, &pair->selection,
                          pair->threads, NULL, &err),
          &err);
    measure_operations(pair);
    find_confusion(pair);
    find_errors(pair);
}

/* ---- printing ---------------------------------------------------------------------------- */

static void print_list(const char *name, const double *list, size_t count) {
    printf("%s %zu\n", name, count);
    fwrite(list, sizeof *list, count, stdout);
}

static void print_curves(const struct pair *pair) {
    const struct curves *curves = &pair->numbers.curves;
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
    const struct numbers *numbers = &pair->numbers;
    size_t classes = pair->objects.category_count;
    double *list = room(5 + classes, sizeof *list);
    for (size_t i = 0; i < numbers->metric_count; i++) {
        list[0] = numbers->metrics[i].is_recall;
        list[1] = numbers->metrics[i].threshold;
        list[2] = (double)numbers->metrics[i].area;
        list[3] = (double)numbers->metrics[i].cut;
        list[4] = numbers->stats[i];
        for (size_t k = 0; k < classes; k++) {
            list[5 + k] = numbers->class_stats[k * numbers->metric_count + i];
        }
        print_list(numbers->metrics[i].name, list, 5 + classes);
    }
    free(list);
}

/* Images, truths, detections; then truths and detections of each class. */
static void print_counts(const struct pair *pair) {
    const struct numbers *numbers = &pair->numbers;
    size_t classes = pair->objects.category_count;
    double *list = room(3 + 2 * classes, sizeof *list);
    list[0] = (double)numbers->images;
    list[1] = (double)numbers->truths;
    list[2] = (double)numbers->detections;
    for (size_t k = 0; k < classes; k++) {
        list[3 + 2 * k] = (double)numbers->class_truths[k];
        list[4 + 2 * k] = (double)numbers->class_detections[k];
    }
    print_list("counts", list, 3 + 2 * classes);
    free(list);
}

static size_t put_point(double *list, const struct point *point) {
    const double numbers[] = {point->confidence,
                              (double)point->true_positives,
                              (double)point->false_positives,
                              (double)point->false_negatives,
                              point->precision,
                              point->recall,
                              point->f1};
    memcpy(list, numbers, sizeof numbers);
    return sizeof numbers / sizeof *numbers;
}

static void print_operation(const char *name, const struct operation *operation) {
    double list[2 * 7 + 4 * CALIBRATION_BINS + 4];
    size_t count = put_point(list, &operation->at);
    count += put_point(list + count, &operation->best);
    for (size_t i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *bin = &operation->calibration.bins[i];
        list[count++] = (double)bin->count;
        list[count++] = (double)bin->true_positives;
        list[count++] = bin->confidence;
        list[count++] = bin->precision;
    }
    list[count++] = operation->calibration.ece;
    list[count++] = operation->calibration.mce;
    list[count++] = (double)operation->truths;
    list[count++] = (double)operation->detections;
    print_list(name, list, count);
}

static void print_operations(const struct pair *pair) {
    for (uint32_t k = 0; k < pair->objects.category_count; k++) {
        char name[WORD_ROOM];
        snprintf(name, sizeof name, "operation_%u", k);
        if (selection_has_category(&pair->selection, k)) {
            print_operation(name, &pair->operations[k]);
        }
    }
    print_operation("operation_all", &pair->operation);
}

/* A ground truth by its row; -1: background, -2: left out. */
static double row_of_truth(const struct objects *objects, uint32_t truth) {
    if (truth == CONFUSION_BACKGROUND) return -1;
    if (truth == CONFUSION_LEFT_OUT) return -2;
    return objects->truths[truth].row;
}

/* Which ground truth each detection takes. */
static void print_takes(const struct pair *pair) {
    const struct objects *objects = &pair->objects;
    double *list = room(objects->detection_count, sizeof *list);
    for (size_t i = 0; i < objects->detection_count; i++) {
        list[objects->detections[i].row] = row_of_truth(objects, pair->takes[i]);
    }
    print_list("takes", list, objects->detection_count);
    free(list);
}

/* The background is the class behind the last one. */
static void print_cells(const struct pair *pair) {
    const struct confusion *confusion = &pair->confusion;
    uint32_t classes = (uint32_t)pair->objects.category_count;
    double *list = room(3 * confusion->count, sizeof *list);
    for (size_t i = 0; i < confusion->count; i++) {
        const struct confusion_cell *cell = &confusion->cells[i];
        list[3 * i] = cell->truth < classes ? cell->truth : classes;
        list[3 * i + 1] = cell->predicted < classes ? cell->predicted : classes;
        list[3 * i + 2] = (double)cell->count;
    }
    print_list("cells", list, 3 * confusion->count);
    free(list);
}

/* ---- errors ------------------------------------------------------------------------------ */

enum {
    FINDING_NUMBERS = 4
};

static void put_finding(double *list, const struct finding *finding, double other) {
    list[0] = finding->outcome;
    list[1] = finding->error;
    list[2] = other;
    list[3] = finding->iou;
}

static void print_findings(const struct pair *pair) {
    const struct objects *objects = &pair->objects;
    double *list = room(FINDING_NUMBERS * objects->detection_count, sizeof *list);
    double *confused = room(objects->detection_count, sizeof *confused);
    for (size_t i = 0; i < objects->detection_count; i++) {
        const struct finding *finding = &pair->findings.detections[i];
        size_t row = objects->detections[i].row;
        put_finding(list + FINDING_NUMBERS * row, finding, row_of_truth(objects, finding->other));
        confused[row] = row_of_truth(objects, finding->confused);
    }
    print_list("findings", list, FINDING_NUMBERS * objects->detection_count);
    free(list);
    list = room(FINDING_NUMBERS * objects->truth_count, sizeof *list);
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct finding *finding = &pair->findings.truths[i];
        double other = -1;
        if (finding->other != FINDING_NONE) other = objects->detections[finding->other].row;
        put_finding(list + FINDING_NUMBERS * objects->truths[i].row, finding, other);
    }
    print_list("truth_findings", list, FINDING_NUMBERS * objects->truth_count);
    print_list("confused", confused, objects->detection_count);
    free(list);
    free(confused);
}

static void print_repairs(const struct repairs *repairs) {
    const double list[] = {repairs->ap,
                           repairs->dap[OUTCOME_LOCALISATION],
                           repairs->dap[OUTCOME_CLASSIFICATION],
                           repairs->dap[OUTCOME_BOTH],
                           repairs->dap[OUTCOME_DUPLICATE],
                           repairs->dap[OUTCOME_BACKGROUND],
                           repairs->dap[OUTCOME_MISSED]};
    print_list("repairs", list, sizeof list / sizeof *list);
}

static void print_error_counts(const char *name, const struct error_counts *errors) {
    double list[OUTCOMES];
    for (size_t i = 0; i < OUTCOMES; i++) list[i] = (double)errors->of[i];
    print_list(name, list, OUTCOMES);
}

static void print_errors(const struct pair *pair) {
    for (uint32_t k = 0; k < pair->objects.category_count; k++) {
        char name[WORD_ROOM];
        snprintf(name, sizeof name, "errors_%u", k);
        if (selection_has_category(&pair->selection, k)) {
            print_error_counts(name, &pair->errors[k]);
        }
    }
    print_error_counts("errors_all", &pair->all_errors);
}

static void print_pair(const struct pair *pair) {
    print_curves(pair);
    print_metrics(pair);
    print_counts(pair);
    print_operations(pair);
    print_takes(pair);
    print_cells(pair);
    print_findings(pair);
    print_repairs(&pair->repairs);
    print_errors(pair);
    puts("end 0");
    fflush(stdout);
}

static void free_pair(struct pair *pair) {
    objects_free(&pair->objects);
    numbers_free(&pair->numbers);
    confusion_free(&pair->confusion);
    free(pair->images);
    free(pair->categories);
    free(pair->overlaps);
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
