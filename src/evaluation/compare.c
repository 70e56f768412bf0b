/* Computes what two runs have side by side: see compare.h. */
#include "evaluation/compare.h"

#include <stdlib.h>
#include <string.h>

#include "evaluation/memory.h"
#include "evaluation/operating_point.h"
#include "evaluation/verdicts.h"

static bool are_same(const int64_t *a, const int64_t *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

static bool have_same_truths(const struct objects *a, const struct objects *b) {
    return a->image_count == b->image_count && a->category_count == b->category_count &&
           a->truth_count == b->truth_count &&
           are_same(a->image_ids, b->image_ids, a->image_count) &&
           are_same(a->category_ids, b->category_ids, a->category_count);
}

/* Makes the verdicts of both runs. */
static bool judge(const struct compare_request *request, const struct settings *settings,
                  struct verdict *verdicts[COMPARE_RUNS], struct err *err) {
    for (size_t i = 0; i < COMPARE_RUNS; i++) {
        verdicts[i] = verdicts_make(request->objects[i], settings, 1, request->threads,
                                    request->progress, err);
        if (!verdicts[i]) return false;
    }
    return true;
}

static void free_verdicts(struct verdict *verdicts[COMPARE_RUNS]) {
    for (size_t i = 0; i < COMPARE_RUNS; i++) free(verdicts[i]);
}

/* ---- parts --------------------------------------------------------------------------------- */

static bool make_numbers(struct compared *compared, const struct compare_request *request,
                         struct err *err) {
    for (size_t i = 0; i < COMPARE_RUNS; i++) {
        if (!numbers_compute(&compared->numbers[i], request->objects[i], request->settings,
                             request->selection, request->threads, request->progress, err)) {
            return false;
        }
    }
    return true;
}

static bool make_bootstrap(struct compared *compared, const struct compare_request *request,
                           struct err *err) {
    struct verdict *verdicts[COMPARE_RUNS] = {NULL, NULL};
    struct bootstrap_request bootstrap = {.run_count = COMPARE_RUNS,
                                          .settings = request->settings,
                                          .selection = request->selection,
                                          .resamples = request->resamples,
                                          .seed = request->seed,
                                          .threads = request->threads,
                                          .progress = request->progress};
    if (request->resamples == 0) return true;
    bool good = judge(request, request->settings, verdicts, err);
    for (size_t i = 0; i < COMPARE_RUNS; i++) {
        bootstrap.runs[i] = (struct bootstrap_run){request->objects[i], verdicts[i]};
    }
    good = good && bootstrap_make(&compared->bootstrap, &bootstrap, err);
    free_verdicts(verdicts);
    return good;
}

static bool find_flips(struct compared *compared, const struct compare_request *request,
                       struct err *err) {
    struct verdict *verdicts[COMPARE_RUNS] = {NULL, NULL};
    struct settings settings = operations_settings(request->settings);
    bool good = judge(request, &settings, verdicts, err);
    const struct flip_run runs[FLIP_RUNS] = {{request->objects[0], verdicts[0]},
                                             {request->objects[1], verdicts[1]}};
    good = good && flips_find(&compared->flips, runs, &settings, request->selection, err);
    free_verdicts(verdicts);
    return good;
}

/* ---- classes ------------------------------------------------------------------------------- */

static int compare_classes(const void *left, const void *right) {
    const struct changed_class *a = left;
    const struct changed_class *b = right;
    if (a->difference != b->difference) return a->difference > b->difference ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* metrics[0] is AP. */
static double ap_of(const struct numbers *numbers, size_t k) {
    return numbers->class_stats[k * numbers->metric_count];
}

static bool sort_classes(struct compared *compared, size_t classes, struct err *err) {
    compared->changed = calloc(classes + 1, sizeof *compared->changed);
    if (!compared->changed) return memory_is_out(err);
    for (uint32_t k = 0; k < classes; k++) {
        double a = ap_of(&compared->numbers[0], k);
        double b = ap_of(&compared->numbers[1], k);
        if (a == -1) continue;
        compared->better_count += b > a;
        if (a == b) {
            compared->equal_count++;
        } else {
            compared->changed[compared->changed_count++] = (struct changed_class){k, b - a};
        }
    }
    qsort(compared->changed, compared->changed_count, sizeof *compared->changed, compare_classes);
    return true;
}

/* ---- all ----------------------------------------------------------------------------------- */

bool compare(struct compared *compared, const struct compare_request *request, struct err *err) {
    memset(compared, 0, sizeof *compared);
    if (!have_same_truths(request->objects[0], request->objects[1])) {
        return err_set(err, ERR_BAD_REQUEST,
                       "the runs were evaluated with different imports of the ground truth");
    }
    return make_numbers(compared, request, err) &&
           sort_classes(compared, request->objects[0]->category_count, err) &&
           find_flips(compared, request, err) && make_bootstrap(compared, request, err);
}

void compared_free(struct compared *compared) {
    for (size_t i = 0; i < COMPARE_RUNS; i++) numbers_free(&compared->numbers[i]);
    bootstrap_free(&compared->bootstrap);
    free(compared->changed);
    memset(compared, 0, sizeof *compared);
}

const char *compare_verdict(const struct bootstrap_number *number) {
    if (number->resamples == 0) return "unknown";
    if (number->difference.low > 0) return "better";
    if (number->difference.high < 0) return "worse";
    return "unclear";
}
