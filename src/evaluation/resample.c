/* Measures runs whose images have weights: see resample.h. */
#include "evaluation/resample.h"

#include <stdlib.h>
#include <string.h>

#include "evaluation/memory.h"

enum {
    LANES = RESAMPLE_LANES,
    ASK_EVENTS = 1024 /* hits of a class between two questions whether to go on */
};

/* The state of one threshold. */
struct lane_curve {
    uint32_t hits[LANES];    /* weight so far */
    uint32_t ignored[LANES]; /* likewise */
    uint32_t reached[LANES]; /* number of recall points */
    /* By `reached`: the best precision there. Where one recall point is reached and the next one is
     * not, any number of hits may follow each other. */
    double best[LANES][RECALL_POINTS + 1];
};

/* The state of a class. */
struct lanes {
    uint32_t truths[LANES];                    /* weight of the ground truths that count */
    uint32_t needed[LANES][RECALL_POINTS + 1]; /* hits for each recall point; then a bound */
    uint32_t seen[LANES];                      /* weight of the detections so far */
    size_t next;                               /* the first slot that is not in `seen` */
    struct lane_curve curves[THRESHOLDS_MAX];
};

size_t resample_metrics(const struct settings *settings, struct metric *metrics) {
    struct metric all[METRICS_MAX];
    size_t all_count = metrics_list(settings, all);
    size_t count = 0;
    for (size_t i = 0; i < all_count && count < RESAMPLE_METRICS; i++) {
        if (!all[i].is_recall && all[i].area == 0) metrics[count++] = all[i];
    }
    return count;
}

void resample_plan(struct resample_plan *plan, const struct settings *settings,
                   const struct truth_slots *truths, const struct slots *slots) {
    *plan = (struct resample_plan){.settings = settings, .truths = truths, .slots = slots->count};
    plan->metric_count = resample_metrics(settings, plan->metrics);
    size_t lane =
        settings->threshold_count * RECALL_POINTS * (truths->classes + 1) * sizeof(double);
    plan->lanes = RESAMPLE_BYTES / lane;
    if (plan->lanes < 1) plan->lanes = 1;
    if (plan->lanes > LANES) plan->lanes = LANES;
}

bool resample_init(struct resample *resample, const struct resample_plan *plan, struct err *err) {
    size_t values = plan->settings->threshold_count * RECALL_POINTS;
    size_t classes = plan->truths->classes + 1;
    *resample = (struct resample){.plan = plan};
    resample->weights = calloc((size_t)plan->slots + 1, LANES * sizeof *resample->weights);
    resample->classes = calloc(classes, LANES * sizeof *resample->classes);
    resample->present = calloc(classes, LANES * sizeof *resample->present);
    resample->lanes = calloc(1, sizeof *resample->lanes);
    resample->precision = calloc(plan->lanes * values, classes * sizeof *resample->precision);
    resample->of_class = calloc(values, sizeof *resample->of_class);
    if (resample->weights && resample->classes && resample->present && resample->lanes &&
        resample->precision && resample->of_class) {
        return true;
    }
    return memory_is_out(err);
}

void resample_free(struct resample *resample) {
    free(resample->weights);
    free(resample->classes);
    free(resample->present);
    free(resample->lanes);
    free(resample->precision);
    free(resample->of_class);
    memset(resample, 0, sizeof *resample);
}

/* ---- ground truths ------------------------------------------------------------------------- */

static void count_truths(const struct resample *resample, size_t k, uint32_t counts[LANES]) {
    const struct truth_slots *truths = resample->plan->truths;
    memset(counts, 0, LANES * sizeof *counts);
    for (size_t i = truths->starts[k]; i < truths->starts[k + 1]; i++) {
        const uint16_t *weights = resample->weights + (size_t)truths->slots[i] * LANES;
        for (size_t lane = 0; lane < LANES; lane++) counts[lane] += weights[lane];
    }
}

/* Numbers the classes that have ground truths, in each lane. */
static void find_present(struct resample *resample) {
    uint32_t counts[LANES];
    memset(resample->present_count, 0, sizeof resample->present_count);
    for (size_t k = 0; k < resample->plan->truths->classes; k++) {
        count_truths(resample, k, counts);
        for (size_t lane = 0; lane < LANES; lane++) {
            resample->present[k * LANES + lane] = (uint32_t)resample->present_count[lane];
            resample->present_count[lane] += counts[lane] > 0;
        }
    }
}

/* Returns the fewest hits of so many ground truths whose recall is at least `point`. */
static uint32_t hits_needed(double point, uint32_t truths) {
    uint32_t hits = (uint32_t)(point * truths);
    while (hits > 0 && (double)(hits - 1) / truths >= point) hits--;
    while ((double)hits / truths < point) hits++;
    return hits;
}

static void begin_class(struct resample *resample, const struct ranking *ranking, size_t k) {
    struct lanes *lanes = resample->lanes;
    memset(lanes->curves, 0, resample->plan->settings->threshold_count * sizeof *lanes->curves);
    memset(lanes->seen, 0, sizeof lanes->seen);
    lanes->next = ranking->slot_starts[k];
    count_truths(resample, k, lanes->truths);
    for (size_t lane = 0; lane < LANES; lane++) {
        uint32_t truths = lanes->truths[lane];
        for (size_t r = 0; truths > 0 && r < RECALL_POINTS; r++) {
            lanes->needed[lane][r] = hits_needed((double)r * .01, truths);
        }
        if (truths == 0) lanes->needed[lane][0] = UINT32_MAX;
        lanes->needed[lane][RECALL_POINTS] = UINT32_MAX;
    }
}

/* ---- detections ---------------------------------------------------------------------------- */

/* Counts the detections up to and with the one at `position`. */
static void see_until(struct resample *resample, const struct ranking *ranking, size_t position) {
    struct lanes *lanes = resample->lanes;
    uint32_t seen[LANES];
    memcpy(seen, lanes->seen, sizeof seen);
    for (size_t i = lanes->next; i <= position; i++) {
        const uint16_t *weights = resample->weights + (size_t)ranking->slots[i] * LANES;
        for (size_t lane = 0; lane < LANES; lane++) seen[lane] += weights[lane];
    }
    memcpy(lanes->seen, seen, sizeof seen);
    lanes->next = position + 1;
}

static void ignore(struct lane_curve *curve, const uint16_t *weights) {
    for (size_t lane = 0; lane < LANES; lane++) curve->ignored[lane] += weights[lane];
}

/* Counts a hit and takes down the precision after it. Where the weight is 0, this is not better
 * than what has been taken down. */
static void hit(struct lanes *lanes, struct lane_curve *curve, const uint16_t *weights) {
    double precision[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        curve->hits[lane] += weights[lane];
        double count = (double)(lanes->seen[lane] - curve->ignored[lane]);
        precision[lane] = (double)curve->hits[lane] / (count + 0x1p-52);
    }
    for (size_t lane = 0; lane < LANES; lane++) {
        uint32_t reached = curve->reached[lane];
        while (lanes->needed[lane][reached] <= curve->hits[lane]) reached++;
        curve->reached[lane] = reached;
        double *best = &curve->best[lane][reached];
        if (precision[lane] > *best) *best = precision[lane];
    }
}

static void take_event(struct resample *resample, const struct ranking *ranking,
                       const struct ranking_event *event) {
    struct lanes *lanes = resample->lanes;
    const uint16_t *weights = resample->weights + (size_t)ranking->slots[event->position] * LANES;
    see_until(resample, ranking, event->position);
    for (uint32_t left = event->ignored; left; left &= left - 1) {
        ignore(&lanes->curves[__builtin_ctz(left)], weights);
    }
    for (uint32_t left = event->hits; left; left &= left - 1) {
        hit(lanes, &lanes->curves[__builtin_ctz(left)], weights);
    }
}

/* ---- precision ----------------------------------------------------------------------------- */

/* Writes precision at the recall points, the envelope from the right. */
static void write_curve(const struct resample *resample, size_t k, size_t t, size_t lane) {
    double best = 0;
    const double *from = resample->lanes->curves[t].best[lane];
    size_t classes = resample->present_count[lane];
    size_t values = resample->plan->settings->threshold_count * RECALL_POINTS;
    double *into = resample->precision + lane * values * (resample->plan->truths->classes + 1) +
                   t * RECALL_POINTS * classes + resample->present[k * LANES + lane];
    for (size_t r = RECALL_POINTS; r-- > 0;) {
        if (from[r + 1] > best) best = from[r + 1];
        into[r * classes] = best;
        resample->of_class[t * RECALL_POINTS + r] = best;
    }
}

static void end_class(struct resample *resample, size_t k) {
    size_t thresholds = resample->plan->settings->threshold_count;
    for (size_t lane = 0; lane < resample->plan->lanes; lane++) {
        double *into = &resample->classes[k * LANES + lane];
        *into = -1;
        if (resample->lanes->truths[lane] == 0) continue;
        for (size_t t = 0; t < thresholds; t++) write_curve(resample, k, t, lane);
        *into = mean(resample->of_class, thresholds * RECALL_POINTS);
    }
}

/* The mean over thresholds, recall points and classes, as metric_value has it. */
static double mean_precision(const struct resample *resample, const struct metric *metric,
                             size_t lane) {
    size_t classes = resample->present_count[lane];
    size_t thresholds = resample->plan->settings->threshold_count;
    const double *values = resample->precision + lane * thresholds * RECALL_POINTS *
                                                     (resample->plan->truths->classes + 1);
    if (metric->threshold == ALL_THRESHOLDS) {
        return mean(values, thresholds * RECALL_POINTS * classes);
    }
    return mean(values + (size_t)metric->threshold * RECALL_POINTS * classes,
                RECALL_POINTS * classes);
}

/* ---- a resample ---------------------------------------------------------------------------- */

static bool measure_class(struct resample *resample, const struct ranking *ranking, size_t k,
                          struct share *share) {
    begin_class(resample, ranking, k);
    for (size_t i = ranking->event_starts[k]; i < ranking->event_starts[k + 1]; i++) {
        if (i % ASK_EVENTS == 0 && !share_go_on(share)) return false;
        take_event(resample, ranking, &ranking->events[i]);
    }
    end_class(resample, k);
    return true;
}

bool resample_measure(struct resample *resample, const struct ranking *ranking,
                      struct share *share) {
    const struct resample_plan *plan = resample->plan;
    find_present(resample);
    for (size_t k = 0; k < ranking->classes; k++) {
        if (!share_go_on(share) || !measure_class(resample, ranking, k, share)) return false;
    }
    for (size_t m = 0; m < plan->metric_count; m++) {
        for (size_t lane = 0; lane < plan->lanes; lane++) {
            resample->metrics[m][lane] = mean_precision(resample, &plan->metrics[m], lane);
        }
    }
    return true;
}
