/* Means of precision and recall: see metrics.h. */
#include "evaluation/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numpy's sum ------------------------------------------------------------------------- */

enum {
    LANES = 8,   /* accumulators of a block */
    BLOCK = 128, /* elements; longer arrays are halved */
    PIECE = 8192 /* elements that numpy gives to its sum at once (np.getbufsize) */
};

static double sum_block(const double *values, size_t count) {
    double lane[LANES];
    size_t i = LANES;
    memcpy(lane, values, sizeof lane);
    for (; i + LANES <= count; i += LANES) {
        for (size_t j = 0; j < LANES; j++) lane[j] += values[i + j];
    }
    double sum =
        ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
    for (; i < count; i++) sum += values[i];
    return sum;
}

static double sum_halves(const double *values, size_t count) {
    if (count < LANES) {
        double sum = 0;
        for (size_t i = 0; i < count; i++) sum += values[i];
        return sum;
    }
    if (count <= BLOCK) return sum_block(values, count);
    size_t half = count / 2 / LANES * LANES;
    return sum_halves(values, half) + sum_halves(values + half, count - half);
}

double pairwise_sum(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i += PIECE) {
        sum += sum_halves(values + i, count - i < PIECE ? count - i : PIECE);
    }
    return sum;
}

double mean(const double *values, size_t count) {
    return count > 0 ? pairwise_sum(values, count) / (double)count : -1;
}

/* ---- the list ---------------------------------------------------------------------------- */

/* "s" of "small", for the names that COCO gives; other names in full. */
static const char *area_ending(const char *name, char *into, size_t room) {
    bool is_known =
        strcmp(name, "small") == 0 || strcmp(name, "medium") == 0 || strcmp(name, "large") == 0;
    if (is_known) {
        snprintf(into, room, "%c", name[0]);
    } else {
        snprintf(into, room, "_%s", name);
    }
    return into;
}

struct listing {
    const struct settings *settings;
    struct metric *metrics;
    size_t count;
};

static struct metric *add(struct listing *listing, bool is_recall) {
    struct metric *metric = &listing->metrics[listing->count++];
    *metric = (struct metric){.is_recall = is_recall,
                              .threshold = ALL_THRESHOLDS,
                              .cut = listing->settings->max_det_count - 1};
    snprintf(metric->name, sizeof metric->name, "%s", is_recall ? "AR" : "AP");
    return metric;
}

/* AP50, AP75: where they are among the thresholds. */
static void add_at(struct listing *listing, bool is_recall, double threshold, const char *name) {
    const struct settings *settings = listing->settings;
    for (size_t t = 0; t < settings->threshold_count; t++) {
        if (settings->thresholds[t] != threshold) continue;
        struct metric *metric = add(listing, is_recall);
        metric->threshold = (int)t;
        snprintf(metric->name, sizeof metric->name, "%s", name);
        return;
    }
}

static void add_areas(struct listing *listing, bool is_recall) {
    char ending[AREA_NAME_ROOM + 1];
    for (size_t a = 1; a < listing->settings->area_count; a++) {
        struct metric *metric = add(listing, is_recall);
        metric->area = a;
        snprintf(metric->name, sizeof metric->name, "%s%s", is_recall ? "AR" : "AP",
                 area_ending(listing->settings->areas[a].name, ending, sizeof ending));
    }
}

static void add_cuts(struct listing *listing) {
    for (size_t m = 0; m < listing->settings->max_det_count; m++) {
        struct metric *metric = add(listing, true);
        metric->cut = m;
        snprintf(metric->name, sizeof metric->name, "AR%u", listing->settings->max_dets[m]);
    }
}

size_t metrics_list(const struct settings *settings, struct metric *metrics) {
    struct listing listing = {.settings = settings, .metrics = metrics};
    add(&listing, false);
    add_at(&listing, false, .5, "AP50");
    add_at(&listing, false, .75, "AP75");
    add_areas(&listing, false);
    if (settings->iou_type == IOU_KEYPOINTS) {
        add(&listing, true);
        add_at(&listing, true, .5, "AR50");
        add_at(&listing, true, .75, "AR75");
    } else {
        add_cuts(&listing);
    }
    add_areas(&listing, true);
    return listing.count;
}

/* ---- values ------------------------------------------------------------------------------ */

/* Values in the order of cocoeval's arrays, [t][r][k] or [t][k], without those that are -1. */
struct values {
    double *list; /* room for all */
    size_t count;
};

static void take(struct values *values, double value) {
    if (value > -1) values->list[values->count++] = value;
}

/* Classes that have a number: datasets may have many classes, and few of them ground truths. */
struct classes {
    const uint32_t *list; /* ascending */
    size_t count;
};

static void collect_at(struct values *values, const struct metric *metric,
                       const struct curves *curves, const struct classes *classes, size_t t) {
    for (size_t r = 0; r < (metric->is_recall ? 1 : RECALL_POINTS); r++) {
        for (size_t i = 0; i < classes->count; i++) {
            size_t k = classes->list[i];
            take(values, metric->is_recall ? *curves_recall(curves, metric->area, metric->cut, t, k)
                                           : curves_precision(curves, metric->area, t, k)[r]);
        }
    }
}

static double value(const struct metric *metric, const struct curves *curves,
                    const struct classes *classes) {
    bool is_single = metric->threshold != ALL_THRESHOLDS;
    size_t t = is_single ? (size_t)metric->threshold : 0;
    size_t last = is_single ? t + 1 : curves->thresholds;
    if (classes->count == 0) return -1;
    struct values values = {
        reallocarray(NULL, (last - t) * classes->count * RECALL_POINTS, sizeof(double)), 0};
    if (!values.list) return NAN;
    for (; t < last; t++) collect_at(&values, metric, curves, classes, t);
    double result = mean(values.list, values.count);
    free(values.list);
    return result;
}

static bool has_number(const struct metric *metric, const struct curves *curves, size_t k) {
    return curves->truths[metric->area * curves->classes + k] > 0;
}

double metric_value(const struct metric *metric, const struct curves *curves,
                    const struct selection *selection) {
    uint32_t *list = reallocarray(NULL, curves->classes + 1, sizeof *list);
    struct classes classes = {.list = list};
    if (!list) return NAN;
    for (uint32_t k = 0; k < curves->classes; k++) {
        if (!selection_has_category(selection, k) || !has_number(metric, curves, k)) continue;
        list[classes.count++] = k;
    }
    double result = value(metric, curves, &classes);
    free(list);
    return result;
}

double metric_of_class(const struct metric *metric, const struct curves *curves, size_t k) {
    uint32_t class = (uint32_t)k;
    return value(metric, curves, &(struct classes){&class, has_number(metric, curves, k)});
}
