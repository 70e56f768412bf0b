/* Computes all numbers of an evaluation: see numbers.h. */
#include "evaluation/numbers.h"

#include <math.h>
#include <stdlib.h>

#include "evaluation/memory.h"
#include "evaluation/share.h"
#include "evaluation/verdicts.h"

/* What threads share. */
struct work {
    struct numbers *numbers;
    const struct objects *objects;
    const struct settings *settings;
    const struct selection *selection;
    struct verdict *verdicts;
    struct progress *progress;
};

bool numbers_init(struct numbers *numbers, const struct objects *objects,
                  const struct settings *settings, struct err *err) {
    size_t classes = objects->category_count;
    *numbers = (struct numbers){0};
    numbers->metric_count = metrics_list(settings, numbers->metrics);
    numbers->class_stats =
        reallocarray(NULL, classes * numbers->metric_count + 1, sizeof *numbers->class_stats);
    numbers->class_truths = calloc(classes + 1, sizeof *numbers->class_truths);
    numbers->class_detections = calloc(classes + 1, sizeof *numbers->class_detections);
    numbers->class_errors = calloc(classes + 1, sizeof *numbers->class_errors);
    if (!numbers->class_stats || !numbers->class_truths || !numbers->class_detections ||
        !numbers->class_errors) {
        return memory_is_out(err);
    }
    return curves_init(&numbers->curves, objects, settings, err);
}

void numbers_free(struct numbers *numbers) {
    free(numbers->class_stats);
    free(numbers->class_truths);
    free(numbers->class_detections);
    free(numbers->class_errors);
    points_free(&numbers->points);
    curves_free(&numbers->curves);
}

/* ---- counts ------------------------------------------------------------------------------ */

static void count_images(struct numbers *numbers, const struct objects *objects,
                         const struct selection *selection) {
    for (uint32_t i = 0; i < objects->image_count; i++) {
        numbers->images += selection_has_image(selection, i);
    }
}

static bool is_selected(const struct selection *selection, uint32_t image, uint32_t category) {
    return selection_has_image(selection, image) && selection_has_category(selection, category);
}

static void count_truths(struct numbers *numbers, const struct objects *objects,
                         const struct selection *selection) {
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        if (!is_selected(selection, truth->image, truth->category)) continue;
        numbers->class_truths[truth->category]++;
        numbers->truths++;
    }
}

static void count_detections(struct numbers *numbers, const struct objects *objects,
                             const struct selection *selection) {
    for (size_t i = 0; i < objects->detection_count; i++) {
        const struct detection *detection = &objects->detections[i];
        if (!is_selected(selection, detection->image, detection->category)) continue;
        numbers->class_detections[detection->category]++;
        numbers->detections++;
    }
}

void numbers_count(struct numbers *numbers, const struct objects *objects,
                   const struct settings *settings, const struct selection *selection) {
    count_images(numbers, objects, selection);
    count_truths(numbers, objects, selection);
    count_detections(numbers, objects, selection);
    curves_count_truths(&numbers->curves, objects, settings, selection);
    doubts_add(&numbers->doubts, objects, settings, selection);
}

/* ---- threads ----------------------------------------------------------------------------- */

static bool measure_class(struct numbers *numbers, size_t k, struct err *err) {
    for (size_t i = 0; i < numbers->metric_count; i++) {
        double value = metric_of_class(&numbers->metrics[i], &numbers->curves, k);
        if (isnan(value)) return memory_is_out(err);
        numbers->class_stats[k * numbers->metric_count + i] = value;
    }
    return true;
}

static bool accumulate_share(void *self, struct share *share) {
    const struct work *work = self;
    for (uint32_t k = share->first; k < share->end; k++) {
        if (!share_go_on(share)) return false;
        if (!accumulate(&work->numbers->curves, work->objects, work->settings, work->selection,
                        work->verdicts, k, k + 1, &share->err)) {
            return false;
        }
        if (!measure_class(work->numbers, k, &share->err)) return false;
    }
    return true;
}

/* ---- all --------------------------------------------------------------------------------- */

static bool measure_all(struct numbers *numbers, const struct selection *selection,
                        struct err *err) {
    for (size_t i = 0; i < numbers->metric_count; i++) {
        numbers->stats[i] = metric_value(&numbers->metrics[i], &numbers->curves, selection);
        if (isnan(numbers->stats[i])) return memory_is_out(err);
    }
    for (size_t k = 0; k < numbers->curves.classes; k++) {
        numbers->classes_with_truth += numbers->curves.truths[k] > 0;
    }
    return true;
}

bool numbers_measure(struct numbers *numbers, const struct selection *selection, struct err *err) {
    for (size_t k = 0; k < numbers->curves.classes; k++) {
        if (!measure_class(numbers, k, err)) return false;
    }
    return measure_all(numbers, selection, err);
}

static bool measure_errors(const struct work *work, struct progress *progress, struct err *err) {
    struct numbers *numbers = work->numbers;
    struct findings findings;
    bool good = findings_find(&findings, work->objects, 1, progress, err) &&
                repairs_measure(&numbers->repairs, work->objects, work->selection, &findings, err);
    if (good) {
        findings_count(&findings, work->objects, work->selection, numbers->class_errors,
                       &numbers->errors);
    }
    findings_free(&findings);
    return good;
}

/* What does not divide well by images or classes: one thread for each. Only the calling thread may
 * ask the progress. */
static bool measure_share(void *self, struct share *share) {
    const struct work *work = self;
    struct progress *progress = share->part == 0 ? work->progress : NULL;
    bool good = true;
    for (uint32_t i = share->first; good && i < share->end; i++) {
        good = i == 0 ? measure_errors(work, progress, &share->err)
                      : points_compute(&work->numbers->points, work->objects, work->settings,
                                       work->selection, 1, progress, &share->err);
    }
    return good;
}

static bool accumulate_classes(struct work *work, unsigned threads, struct err *err) {
    const struct objects *objects = work->objects;
    work->verdicts = verdicts_make(objects, work->settings, work->settings->area_count, threads,
                                   work->progress, err);
    bool good = work->verdicts &&
                share_work(threads, objects->class_starts, (uint32_t)objects->category_count,
                           accumulate_share, work, work->progress, err);
    free(work->verdicts);
    return good;
}

bool numbers_compute(struct numbers *numbers, const struct objects *objects,
                     const struct settings *settings, const struct selection *selection,
                     unsigned threads, struct progress *progress, struct err *err) {
    static const uint32_t halves[] = {0, 0, 0};
    struct work work = {.numbers = numbers,
                        .objects = objects,
                        .settings = settings,
                        .selection = selection,
                        .progress = progress};
    if (!numbers_init(numbers, objects, settings, err)) return false;
    numbers_count(numbers, objects, settings, selection);
    return accumulate_classes(&work, threads, err) && measure_all(numbers, selection, err) &&
           share_work(threads, halves, 2, measure_share, &work, progress, err);
}
