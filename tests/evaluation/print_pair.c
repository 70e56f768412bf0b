/*
 * Prints what the engine says of a pair: lists, each a line "NAME COUNT" and so many doubles as the
 * machine has them; the last one is "end 0".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"

static void print_list(const char *name, const double *list, size_t count) {
    printf("%s %zu\n", name, count);
    fwrite(list, sizeof *list, count, stdout);
}

/* Prints an array [area][row][class][point], with -1 where no ground truth counts, as cocoeval's
 * arrays have it. */
static void print_array(const struct curves *curves, const char *name, const double *list,
                        size_t areas, size_t rows, size_t points) {
    size_t count = areas * rows * curves->classes * points;
    double *array = room(count, sizeof *array);
    for (size_t i = 0; i < count; i++) {
        size_t k = i / points % curves->classes;
        size_t a = i / points / curves->classes / rows;
        array[i] = curves->truths[a * curves->classes + k] > 0 ? list[i] : -1;
    }
    print_list(name, array, count);
    free(array);
}

static void print_curves(const struct pair *pair) {
    const struct curves *curves = &pair->numbers.curves;
    double *truths = room(curves->areas * curves->classes, sizeof *truths);
    for (size_t i = 0; i < curves->areas * curves->classes; i++) truths[i] = curves->truths[i];
    print_array(curves, "precision", curves->precision, curves->areas, curves->thresholds,
                RECALL_POINTS);
    print_array(curves, "scores", curves->scores, 1, curves->thresholds, RECALL_POINTS);
    print_array(curves, "recall", curves->recall, curves->areas, curves->cuts * curves->thresholds,
                1);
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
            print_operation(name, &pair->numbers.points.classes[k]);
        }
    }
    print_operation("operation_all", &pair->numbers.points.all);
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
    const struct confusion *confusion = &pair->numbers.points.confusion;
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
            print_error_counts(name, &pair->numbers.class_errors[k]);
        }
    }
    print_error_counts("errors_all", &pair->numbers.errors);
}

void print_pair(const struct pair *pair) {
    print_curves(pair);
    print_metrics(pair);
    print_counts(pair);
    print_operations(pair);
    print_takes(pair);
    print_cells(pair);
    print_findings(pair);
    print_repairs(&pair->numbers.repairs);
    print_errors(pair);
    puts("end 0");
    fflush(stdout);
}
