/* Precision, recall and F1 at a confidence, and calibration: see operating_point.h. */
#include "evaluation/operating_point.h"

#include <math.h>
#include <stdlib.h>

#include "evaluation/memory.h"

struct settings operations_settings(const struct settings *settings) {
    struct settings single = *settings;
    single.threshold_count = 1;
    single.thresholds[0] = settings->iou;
    return single;
}

/* ---- points ------------------------------------------------------------------------------ */

static double ratio(uint64_t part, uint64_t all) {
    return all ? (double)part / (double)all : -1;
}

static double f1_of(uint64_t hits, uint64_t taken, uint64_t truths) {
    return ratio(2 * hits, taken + truths); /* TP + FP = taken, TP + FN = truths */
}

static struct point make_point(double confidence, uint64_t hits, uint64_t taken, uint64_t truths) {
    return (struct point){.confidence = confidence,
                          .true_positives = hits,
                          .false_positives = taken - hits,
                          .false_negatives = truths - hits,
                          .precision = ratio(hits, taken),
                          .recall = ratio(hits, truths),
                          .f1 = f1_of(hits, taken, truths)};
}

/* Takes a point as the best one if it is better than those before. */
static void consider(struct point *best, double confidence, uint64_t hits, uint64_t taken,
                     uint64_t truths) {
    if (f1_of(hits, taken, truths) > best->f1) {
        *best = make_point(confidence, hits, taken, truths);
    }
}

static const struct point no_point = {.confidence = -1, .f1 = -1};

/* ---- calibration ------------------------------------------------------------------------- */

/* Turns the sums of scores, which stand in place of the means, into the numbers. */
static void finish_calibration(struct calibration *calibration) {
    double sum = 0;
    uint64_t count = 0;
    calibration->mce = -1;
    for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
        struct calibration_bin *bin = &calibration->bins[i];
        bin->precision = ratio(bin->true_positives, bin->count);
        bin->confidence = bin->count ? bin->confidence / (double)bin->count : -1;
        if (bin->count == 0) continue;
        double gap = fabs(bin->confidence - bin->precision);
        sum += (double)bin->count * gap;
        count += bin->count;
        if (gap > calibration->mce) calibration->mce = gap;
    }
    calibration->ece = count ? sum / (double)count : -1;
}

static void add_calibration(struct calibration *into, const struct calibration *from) {
    for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
        into->bins[i].count += from->bins[i].count;
        into->bins[i].true_positives += from->bins[i].true_positives;
        into->bins[i].confidence += from->bins[i].confidence;
    }
}

/* ---- the best point of all classes -------------------------------------------------------- */

enum {
    BUCKETS = 1 << 16
};

/* What is taken at a candidate and not yet at the one before. */
struct stage {
    uint64_t hits;
    uint64_t taken;
};

/* Confidences at which F1 may be best. F1 falls with each false positive, so only the scores of
 * true positives come into question; those are few, and sorting them is cheap. */
struct candidates {
    double *confidences; /* descending, all different */
    struct stage *stages;
    size_t count;
    /* To find the candidate of a score: buckets of equal width from the highest to the lowest. */
    double highest;
    double scale;     /* buckets per score */
    uint32_t *firsts; /* BUCKETS + 1: the first candidate of each bucket */
};

static int by_confidence(const void *one, const void *two) {
    double a = *(const double *)one;
    double b = *(const double *)two;
    return (a < b) - (a > b);
}

/* The bucket of a score: the lower the score, the higher the bucket. */
static size_t bucket_of(const struct candidates *candidates, double score) {
    double bucket = (candidates->highest - score) * candidates->scale;
    if (bucket < 0) return 0;
    return bucket < BUCKETS - 1 ? (size_t)bucket : BUCKETS - 1;
}

/* Sets the first candidate of each bucket. */
static void fill_buckets(struct candidates *candidates) {
    double lowest = candidates->confidences[candidates->count - 1];
    candidates->highest = candidates->confidences[0];
    candidates->scale = (BUCKETS - 1) / (candidates->highest - lowest);
    if (!isfinite(candidates->scale)) candidates->scale = 0; /* one score, or tiny differences */
    size_t candidate = 0;
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        while (candidate < candidates->count &&
               bucket_of(candidates, candidates->confidences[candidate]) < bucket) {
            candidate++;
        }
        candidates->firsts[bucket] = (uint32_t)candidate;
    }
    candidates->firsts[BUCKETS] = (uint32_t)candidates->count;
}

/* Sorts the scores of all true positives, and leaves each once; if there are none, takes the
 * highest score. */
static void list_candidates(struct candidates *candidates, double highest) {
    double *confidences = candidates->confidences;
    if (candidates->count == 0) confidences[candidates->count++] = highest;
    qsort(confidences, candidates->count, sizeof *confidences, by_confidence);
    size_t kept = 1;
    for (size_t i = 1; i < candidates->count; i++) {
        if (confidences[i] != confidences[kept - 1]) confidences[kept++] = confidences[i];
    }
    candidates->count = kept;
    fill_buckets(candidates);
}

/* Returns the first candidate that takes this score: it lies in the score's bucket, or begins the
 * next one. */
static size_t find_candidate(const struct candidates *candidates, double score) {
    size_t bucket = bucket_of(candidates, score);
    size_t from = candidates->firsts[bucket];
    size_t end = candidates->firsts[bucket + 1];
    while (from < end) {
        size_t middle = from + (end - from) / 2;
        if (candidates->confidences[middle] > score) {
            from = middle + 1;
        } else {
            end = middle;
        }
    }
    return from;
}

static struct point best_of_candidates(const struct candidates *candidates, uint64_t truths) {
    struct point best = no_point;
    uint64_t hits = 0;
    uint64_t taken = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        hits += candidates->stages[i].hits;
        taken += candidates->stages[i].taken;
        consider(&best, candidates->confidences[i], hits, taken, truths);
    }
    return best;
}

/* ---- classes ----------------------------------------------------------------------------- */

/* The walk along a class, surest first. */
struct walk {
    struct operation *operation;
    uint64_t hits;
    uint64_t taken;
    uint64_t sure_hits; /* with at least the confidence */
    uint64_t sure;
    double score;       /* of the last detection */
    bool is_considered; /* nothing since the last point could make F1 better */
    unsigned bin;       /* of the last detection */
    double bin_low;     /* its lower edge */
};

struct measurer {
    double confidence;
    struct candidates candidates;
    struct walk walk;
    struct operation all; /* sums of the classes so far */
};

void measurer_free(struct measurer *measurer) {
    if (!measurer) return;
    free(measurer->candidates.confidences);
    free(measurer->candidates.stages);
    free(measurer->candidates.firsts);
    free(measurer);
}

static struct measurer *no_measurer(struct measurer *measurer, struct err *err) {
    measurer_free(measurer);
    memory_is_out(err);
    return NULL;
}

struct measurer *measurer_new(double confidence, double *hits, size_t count, double highest,
                              struct err *err) {
    struct measurer *measurer = calloc(1, sizeof *measurer);
    if (!measurer) {
        free(hits);
        return no_measurer(NULL, err);
    }
    struct candidates *candidates = &measurer->candidates;
    measurer->confidence = confidence;
    candidates->confidences = hits;
    candidates->count = count;
    candidates->stages = calloc(count + 1, sizeof *candidates->stages);
    candidates->firsts = reallocarray(NULL, BUCKETS + 1, sizeof *candidates->firsts);
    if (!candidates->stages || !candidates->firsts) return no_measurer(measurer, err);
    list_candidates(candidates, highest);
    return measurer;
}

static void end_of_group(struct walk *walk) {
    if (walk->taken == 0 || walk->is_considered) return;
    struct operation *operation = walk->operation;
    consider(&operation->best, walk->score, walk->hits, walk->taken, operation->truths);
    walk->is_considered = true;
}

void measurer_begin(struct measurer *measurer, uint64_t truths, struct operation *operation) {
    *operation = (struct operation){.best = no_point, .truths = truths};
    measurer->walk = (struct walk){.operation = operation,
                                   .bin = CALIBRATION_BINS - 1,
                                   .bin_low = calibration_edge(CALIBRATION_BINS - 1)};
}

/* Moves down to the bin of a score. */
static struct calibration_bin *find_bin(struct walk *walk, double score) {
    while (score < walk->bin_low && walk->bin > 0) walk->bin_low = calibration_edge(--walk->bin);
    return &walk->operation->calibration.bins[walk->bin];
}

void measurer_add(struct measurer *measurer, double score, bool hit) {
    struct walk *walk = &measurer->walk;
    if (score != walk->score) end_of_group(walk);
    struct calibration_bin *bin = find_bin(walk, score);
    bool is_sure = score >= measurer->confidence;
    walk->score = score;
    walk->hits += hit;
    walk->taken++;
    walk->sure_hits += is_sure && hit;
    walk->sure += is_sure;
    if (hit) walk->is_considered = false;
    bin->count++;
    bin->true_positives += hit;
    bin->confidence += score;
    const struct candidates *candidates = &measurer->candidates;
    size_t candidate = find_candidate(candidates, score);
    if (candidate == candidates->count) return;
    candidates->stages[candidate].hits += hit;
    candidates->stages[candidate].taken++;
}

static void add_class(struct operation *all, const struct operation *operation) {
    all->truths += operation->truths;
    all->detections += operation->detections;
    all->at.true_positives += operation->at.true_positives;
    all->at.false_positives += operation->at.false_positives;
    add_calibration(&all->calibration, &operation->calibration);
}

/* The bins hold sums of scores in place of means until the class has been added to all. */
void measurer_end(struct measurer *measurer) {
    struct walk *walk = &measurer->walk;
    struct operation *operation = walk->operation;
    end_of_group(walk);
    operation->detections = walk->taken;
    operation->at =
        make_point(measurer->confidence, walk->sure_hits, walk->sure, operation->truths);
    if (walk->taken == 0) operation->best = make_point(-1, 0, 0, operation->truths);
    add_class(&measurer->all, operation);
    finish_calibration(&operation->calibration);
}

void measurer_finish(struct measurer *measurer, struct operation *all) {
    *all = measurer->all;
    finish_calibration(&all->calibration);
    all->at = make_point(measurer->confidence, all->at.true_positives,
                         all->at.true_positives + all->at.false_positives, all->truths);
    all->best = all->detections ? best_of_candidates(&measurer->candidates, all->truths)
                                : make_point(-1, 0, 0, all->truths);
}

/* ---- objects ----------------------------------------------------------------------------- */

/* What is to be known of a detection. Classes are walked in an order that leaps through memory, so
 * it is gathered first. */
struct seen {
    double score;
    bool counts;
    bool hit;
};

struct measuring {
    const struct objects *objects;
    const struct settings *settings;
    const struct selection *selection;
    struct seen *seen; /* of each detection */
    uint64_t *truths;  /* that count, of each class */
};

/* Fills `seen`, and returns the number of true positives. */
static size_t gather(struct measuring *measuring, const struct verdict *verdicts) {
    const struct objects *objects = measuring->objects;
    unsigned depth = settings_depth(measuring->settings);
    size_t hits = 0;
    for (uint32_t i = 0; i < objects->detection_count; i++) {
        const struct detection *detection = &objects->detections[i];
        bool counts = !(verdicts[i].ignored & 1) && detection->rank < depth &&
                      selection_has_image(measuring->selection, detection->image) &&
                      selection_has_category(measuring->selection, detection->category);
        bool hit = counts && (verdicts[i].matched & 1);
        measuring->seen[i] = (struct seen){detection->score, counts, hit};
        hits += hit;
    }
    return hits;
}

static void count_truths(struct measuring *measuring) {
    const struct objects *objects = measuring->objects;
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        measuring->truths[truth->category] +=
            truth_counts(truth, &measuring->settings->areas[0]) &&
            selection_has_image(measuring->selection, truth->image);
    }
}

/* Makes a measurer with the scores of the true positives. */
static struct measurer *measurer_of(const struct measuring *measuring, size_t hits,
                                    struct err *err) {
    double *scores = reallocarray(NULL, hits + 1, sizeof *scores);
    double highest = -INFINITY;
    size_t count = 0;
    if (!scores) {
        memory_is_out(err);
        return NULL;
    }
    for (size_t i = 0; i < measuring->objects->detection_count; i++) {
        const struct seen *seen = &measuring->seen[i];
        if (seen->counts && seen->score > highest) highest = seen->score;
        if (seen->hit) scores[count++] = seen->score;
    }
    return measurer_new(measuring->settings->confidence, scores, count, highest, err);
}

static void measure_class(const struct measuring *measuring, struct measurer *measurer, uint32_t k,
                          struct operation *operation) {
    const struct objects *objects = measuring->objects;
    measurer_begin(measurer, measuring->truths[k], operation);
    for (uint32_t i = objects->class_starts[k]; i < objects->class_starts[k + 1]; i++) {
        const struct seen *seen = &measuring->seen[objects->by_class[i]];
        if (seen->counts) measurer_add(measurer, seen->score, seen->hit);
    }
    measurer_end(measurer);
}

/* Makes room, and gathers what the measuring needs. */
static bool measuring_init(struct measuring *measuring) {
    const struct objects *objects = measuring->objects;
    measuring->truths = calloc(objects->category_count + 1, sizeof *measuring->truths);
    measuring->seen = reallocarray(NULL, objects->detection_count + 1, sizeof *measuring->seen);
    return measuring->truths && measuring->seen;
}

static void measuring_free(struct measuring *measuring) {
    free(measuring->truths);
    free(measuring->seen);
}

static bool measure(struct measuring *measuring, const struct verdict *verdicts,
                    struct operation *classes, struct operation *all, struct err *err) {
    struct measurer *measurer = measurer_of(measuring, gather(measuring, verdicts), err);
    if (!measurer) return false;
    count_truths(measuring);
    for (uint32_t k = 0; k < measuring->objects->category_count; k++) {
        if (!selection_has_category(measuring->selection, k)) continue;
        measure_class(measuring, measurer, k, &classes[k]);
    }
    measurer_finish(measurer, all);
    measurer_free(measurer);
    return true;
}

bool operations_measure(const struct objects *objects, const struct settings *settings,
                        const struct selection *selection, const struct verdict *verdicts,
                        struct operation *classes, struct operation *all, struct err *err) {
    struct measuring measuring = {.objects = objects, .settings = settings, .selection = selection};
    bool good = measuring_init(&measuring) ? measure(&measuring, verdicts, classes, all, err)
                                           : memory_is_out(err);
    measuring_free(&measuring);
    return good;
}
