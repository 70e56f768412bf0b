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
    struct verdict *verdicts; /* in all area ranges */
    struct progress *progress;
};

static bool numbers_init(struct numbers *numbers, const struct objects *objects,
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

static bool is_selected(const struct work *work, uint32_t image, uint32_t category) {
    return selection_has_image(work->selection, image) &&
           selection_has_category(work->selection, category);
}

static void count_objects(struct work *work) {
    const struct objects *objects = work->objects;
    struct numbers *numbers = work->numbers;
    for (uint32_t i = 0; i < objects->image_count; i++) {
        numbers->images += selection_has_image(work->selection, i);
    }
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        numbers->class_truths[truth->category] += is_selected(work, truth->image, truth->category);
    }
    for (size_t i = 0; i < objects->detection_count; i++) {
        const struct detection *detection = &objects->detections[i];
        numbers->class_detections[detection->category] +=
            is_selected(work, detection->image, detection->category);
    }
    for (size_t k = 0; k < objects->category_count; k++) {
        numbers->truths += numbers->class_truths[k];
        numbers->detections += numbers->class_detections[k];
    }
}

/* ---- threads ----------------------------------------------------------------------------- */

static bool measure_class(const struct work *work, uint32_t k, struct err *err) {
    struct numbers *numbers = work->numbers;
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
        if (!measure_class(work, k, &share->err)) return false;
    }
    return true;
}

/* ---- all --------------------------------------------------------------------------------- */

static bool measure_all(const struct work *work, struct err *err) {
    struct numbers *numbers = work->numbers;
    for (size_t i = 0; i < numbers->metric_count; i++) {
        numbers->stats[i] = metric_value(&numbers->metrics[i], &numbers->curves, work->selection);
        if (isnan(numbers->stats[i])) return memory_is_out(err);
    }
    return true;
}

static void count_classes(struct numbers *numbers) {
    for (size_t k = 0; k < numbers->curves.classes; k++) {
        numbers->classes_with_truth += numbers->curves.truths[k] > 0;
    }
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

static bool compute(struct work *work, unsigned threads, struct err *err) {
    static const uint32_t halves[] = {0, 0, 0};
    const struct objects *objects = work->objects;
    count_objects(work);
    curves_count_truths(&work->numbers->curves, objects, work->settings, work->selection);
    count_classes(work->numbers);
    work->verdicts = verdicts_make(objects, work->settings, work->settings->area_count, threads,
                                   work->progress, err);
    return work->verdicts &&
           share_work(threads, objects->class_starts, (uint32_t)objects->category_count,
                      accumulate_share, work, work->progress, err) &&
           measure_all(work, err) &&
           share_work(threads, halves, 2, measure_share, work, work->progress, err);
}

bool numbers_compute(struct numbers *numbers, const struct objects *objects,
                     const struct settings *settings, const struct selection *selection,
                     unsigned threads, struct progress *progress, struct err *err) {
    struct work work = {.numbers = numbers,
                        .objects = objects,
                        .settings = settings,
                        .selection = selection,
                        .progress = progress};
    bool good = numbers_init(numbers, objects, settings, err) && compute(&work, threads, err);
    free(work.verdicts);
    return good;
}
