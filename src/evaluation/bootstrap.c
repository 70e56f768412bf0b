/* Draws and sums up resamples: see bootstrap.h. */
#include "evaluation/bootstrap.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/splitmix.h"
#include "evaluation/memory.h"
#include "evaluation/share.h"

/* What the threads share. */
struct sampling {
    const struct bootstrap_request *request;
    struct slots slots;
    struct truth_slots truths;
    struct ranking rankings[BOOTSTRAP_RUNS];
    struct resample_plan plan;
    size_t rows;           /* numbers of a run in a resample: metrics, then classes */
    double *values;        /* [run][row][resample] */
    _Atomic uint32_t next; /* the first resample that no thread has taken */
};

static double *values_of(const struct sampling *sampling, size_t run, size_t row) {
    return sampling->values + (run * sampling->rows + row) * sampling->request->resamples;
}

/* A weight of 2^16 or more would need as many draws of one image: that its probability is not 0 is
 * of no account. */
void bootstrap_draw(uint64_t seed, uint32_t index, uint32_t slots, uint16_t *weights,
                    size_t stride) {
    uint64_t state = splitmix_at(seed, index);
    for (uint32_t i = 0; i < slots; i++) weights[i * stride] = 0;
    for (uint32_t i = 0; i < slots; i++) weights[splitmix_below(&state, slots) * stride]++;
}

/* ---- resamples ----------------------------------------------------------------------------- */

static void keep_values(const struct sampling *sampling, const struct resample *resample,
                        size_t run, uint32_t first, size_t count) {
    size_t metrics = sampling->plan.metric_count;
    for (size_t row = 0; row < sampling->rows; row++) {
        const double *from = row < metrics ? resample->metrics[row]
                                           : resample->classes + (row - metrics) * RESAMPLE_LANES;
        memcpy(values_of(sampling, run, row) + first, from, count * sizeof *from);
    }
}

/* Makes the resamples first..first+count-1, one in each lane. */
static bool make_block(struct sampling *sampling, struct resample *resample, uint32_t first,
                       size_t count, struct share *share) {
    const struct bootstrap_request *request = sampling->request;
    memset(resample->weights, 0,
           sampling->slots.count * RESAMPLE_LANES * sizeof *resample->weights);
    for (size_t lane = 0; lane < count; lane++) {
        bootstrap_draw(request->seed, first + (uint32_t)lane, sampling->slots.count,
                       resample->weights + lane, RESAMPLE_LANES);
    }
    for (size_t run = 0; run < request->run_count; run++) {
        if (!resample_measure(resample, &sampling->rankings[run], share)) return false;
        keep_values(sampling, resample, run, first, count);
    }
    return true;
}

/* Makes resamples as long as there are any left. */
static bool make_blocks(void *self, struct share *share) {
    struct sampling *sampling = self;
    struct resample resample;
    uint32_t all = sampling->request->resamples;
    uint32_t lanes = (uint32_t)sampling->plan.lanes;
    bool good = resample_init(&resample, &sampling->plan, &share->err);
    while (good) {
        uint32_t first = atomic_fetch_add(&sampling->next, lanes);
        if (first >= all) break;
        good = make_block(sampling, &resample, first, all - first < lanes ? all - first : lanes,
                          share);
    }
    resample_free(&resample);
    return good;
}

static bool make_resamples(struct sampling *sampling, struct err *err) {
    /* One group a thread: they take resamples as they get to them. */
    static const uint32_t starts[SHARES_MAX + 1];
    uint32_t blocks = (sampling->request->resamples - 1) / (uint32_t)sampling->plan.lanes + 1;
    unsigned threads = sampling->request->threads;
    if (threads > SHARES_MAX) threads = SHARES_MAX;
    if (threads > blocks) threads = blocks;
    return share_work(threads, starts, threads, make_blocks, sampling, sampling->request->progress,
                      err);
}

/* ---- preparation --------------------------------------------------------------------------- */

/* Sums of weights have 32 bits. A draw has as many images as the selection. */
static bool check_sums(const struct sampling *sampling, struct err *err) {
    uint64_t deepest = settings_depth(sampling->request->settings);
    const struct objects *objects = sampling->request->runs[0].objects;
    for (uint32_t image = 0; image < objects->image_count; image++) {
        uint32_t truths = objects->truth_starts[image + 1] - objects->truth_starts[image];
        if (truths > deepest) deepest = truths;
    }
    if (sampling->slots.count * deepest <= UINT32_MAX) return true;
    return err_set(err, ERR_BAD_REQUEST,
                   "%u images with up to %llu objects each are too many for "
                   "a bootstrap",
                   sampling->slots.count, (unsigned long long)deepest);
}

static size_t resample_bytes(size_t runs, size_t rows) {
    return runs * rows * sizeof(double);
}

bool bootstrap_check(const struct settings *settings, size_t runs, size_t classes,
                     uint32_t resamples, struct err *err) {
    struct metric metrics[RESAMPLE_METRICS];
    size_t resample = resample_bytes(runs, resample_metrics(settings, metrics) + classes);
    if (resamples <= BOOTSTRAP_BYTES / resample) return true;
    return err_set(err, ERR_BAD_REQUEST, "%u resamples are too many for %zu classes: at most %zu",
                   resamples, classes, BOOTSTRAP_BYTES / resample);
}

static bool make_room(struct sampling *sampling, struct err *err) {
    const struct bootstrap_request *request = sampling->request;
    size_t classes = sampling->truths.classes;
    if (!bootstrap_check(request->settings, request->run_count, classes, request->resamples, err)) {
        return false;
    }
    sampling->rows = sampling->plan.metric_count + classes;
    sampling->values =
        malloc(request->resamples * resample_bytes(request->run_count, sampling->rows));
    if (sampling->values) return true;
    return memory_is_out(err);
}

static bool prepare(struct sampling *sampling, struct err *err) {
    const struct bootstrap_request *request = sampling->request;
    const struct objects *objects = request->runs[0].objects;
    if (!slots_init(&sampling->slots, objects, request->selection, err) ||
        !truth_slots_init(&sampling->truths, objects, request->settings, request->selection,
                          &sampling->slots, err)) {
        return false;
    }
    for (size_t run = 0; run < request->run_count; run++) {
        if (!ranking_init(&sampling->rankings[run], request->runs[run].objects, request->settings,
                          request->selection, &sampling->slots, request->runs[run].verdicts,
                          request->progress, err)) {
            return false;
        }
    }
    resample_plan(&sampling->plan, request->settings, &sampling->truths, &sampling->slots);
    return check_sums(sampling, err) && make_room(sampling, err);
}

static void sampling_free(struct sampling *sampling) {
    slots_free(&sampling->slots);
    truth_slots_free(&sampling->truths);
    for (size_t run = 0; run < BOOTSTRAP_RUNS; run++) ranking_free(&sampling->rankings[run]);
    free(sampling->values);
}

/* ---- intervals ----------------------------------------------------------------------------- */

static int compare_doubles(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The number below which this share of sorted numbers lies: Hyndman and Fan's type 7, as numpy's
 * percentile. */
static double percentile(const double *sorted, size_t count, double share) {
    double at = share * (double)(count - 1);
    size_t low = (size_t)at;
    if (low + 1 >= count) return sorted[count - 1];
    return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

/* Sorts the values. */
static struct interval interval_of(double *values, size_t count) {
    qsort(values, count, sizeof *values, compare_doubles);
    return (struct interval){percentile(values, count, .025), percentile(values, count, .975)};
}

/* Moves the values that are not -1 to the front, and returns how many these are. A ground truth is
 * one for both runs, so both leave out the same. */
static size_t drop_undefined(double *values, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i] > -1) values[kept++] = values[i];
    }
    return kept;
}

static double share_of_wins(const double *a, const double *b, size_t count) {
    size_t halves = 0;
    for (size_t i = 0; i < count; i++) halves += (b[i] > a[i]) + (b[i] >= a[i]);
    return (double)halves / 2 / (double)count;
}

/* Sums up a row of values; uses it up. differences: room for one number a resample. */
static struct bootstrap_number sum_up(struct sampling *sampling, size_t row, double *differences) {
    const struct interval none = {-1, -1};
    struct bootstrap_number number = {0, {none, none}, none, -1};
    double *a = values_of(sampling, 0, row);
    size_t count = drop_undefined(a, sampling->request->resamples);
    if (count == 0) return number;
    number.resamples = (uint32_t)count;
    if (sampling->request->run_count == 2) {
        double *b = values_of(sampling, 1, row);
        drop_undefined(b, sampling->request->resamples);
        number.wins = share_of_wins(a, b, count);
        for (size_t i = 0; i < count; i++) differences[i] = b[i] - a[i];
        number.difference = interval_of(differences, count);
        number.runs[1] = interval_of(b, count);
    }
    number.runs[0] = interval_of(a, count);
    return number;
}

static bool sum_up_all(struct sampling *sampling, struct bootstrap *bootstrap, struct err *err) {
    size_t metrics = sampling->plan.metric_count;
    double *differences = malloc(sampling->request->resamples * sizeof *differences);
    bootstrap->metric_count = metrics;
    memcpy(bootstrap->metrics, sampling->plan.metrics, sizeof bootstrap->metrics);
    bootstrap->class_count = sampling->truths.classes;
    bootstrap->classes = calloc(bootstrap->class_count + 1, sizeof *bootstrap->classes);
    bool good = differences && bootstrap->classes;
    if (!good) memory_is_out(err);
    for (size_t row = 0; good && row < sampling->rows; row++) {
        struct bootstrap_number number = sum_up(sampling, row, differences);
        if (row < metrics) {
            bootstrap->numbers[row] = number;
        } else {
            bootstrap->classes[row - metrics] = number;
        }
        good = progress_go_on(sampling->request->progress, err);
    }
    free(differences);
    return good;
}

bool bootstrap_make(struct bootstrap *bootstrap, const struct bootstrap_request *request,
                    struct err *err) {
    struct sampling sampling = {.request = request};
    memset(bootstrap, 0, sizeof *bootstrap);
    bool good = prepare(&sampling, err) && make_resamples(&sampling, err) &&
                sum_up_all(&sampling, bootstrap, err);
    sampling_free(&sampling);
    return good;
}

void bootstrap_free(struct bootstrap *bootstrap) {
    free(bootstrap->classes);
    memset(bootstrap, 0, sizeof *bootstrap);
}
