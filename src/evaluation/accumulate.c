/* Precision and recall: see accumulate.h. */
#include "evaluation/accumulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation/memory.h"

/* np.spacing(1): keeps cocoeval from dividing by 0. */
static const double spacing = 0x1p-52;

/* Memory that is not written costs nothing: most of many classes may have no ground truth. */
static bool make_room(double **array, size_t count) {
    *array = reallocarray(NULL, count + 1, sizeof **array);
    return *array != NULL;
}

static bool check_size(const struct curves *curves, struct err *err) {
    size_t class = curves->areas * curves->thresholds * RECALL_POINTS * sizeof *curves->precision;
    if (curves->classes <= CURVES_BYTES / class) return true;
    return err_set(err, ERR_BAD_REQUEST,
                   "%zu classes are too many for an evaluation with %zu thresholds and %zu areas, "
                   "at most %zu: give fewer iou_thresholds or areas",
                   curves->classes, curves->thresholds, curves->areas, CURVES_BYTES / class);
}

bool curves_init(struct curves *curves, const struct objects *objects,
                 const struct settings *settings, struct err *err) {
    *curves = (struct curves){.thresholds = settings->threshold_count,
                              .classes = objects->category_count,
                              .areas = settings->area_count,
                              .cuts = settings->max_det_count};
    if (!check_size(curves, err)) return false;
    size_t points = curves->thresholds * curves->classes * RECALL_POINTS;
    curves->truths = calloc(curves->areas * curves->classes + 1, sizeof *curves->truths);
    bool good = curves->truths && make_room(&curves->precision, curves->areas * points) &&
                make_room(&curves->scores, points) &&
                make_room(&curves->recall,
                          curves->areas * curves->cuts * curves->thresholds * curves->classes);
    return good || memory_is_out(err);
}

void curves_free(struct curves *curves) {
    free(curves->precision);
    free(curves->scores);
    free(curves->recall);
    free(curves->truths);
    *curves = (struct curves){0};
}

/* ---- one class --------------------------------------------------------------------------- */

/* The walk along the detections of a class at one threshold. Instead of the curve it keeps for each
 * recall point the best precision from there to the next point, because the curve that is asked for
 * is the best precision from each point on. */
struct walk {
    uint32_t hits;
    uint32_t ignored;
    uint32_t next; /* recall point: the first that is not reached */
    uint32_t hits_by_cut[MAX_DETS_MAX];
    double best[RECALL_POINTS];
    double scores[RECALL_POINTS];
};

struct tally {
    const struct settings *settings;
    uint32_t truths;                /* that count */
    uint32_t needed[RECALL_POINTS]; /* hits at which a recall point is reached */
    uint32_t seen;                  /* detections so far, ignored ones, too */
    uint32_t all;                   /* a bit for each threshold */
    uint32_t outside;               /* detections ignored at all thresholds */
    double first_score;
    struct walk walks[THRESHOLDS_MAX];
};

/* Recall points are multiples of .01: not the same doubles as i / 100. */
static double recall_point(size_t i) {
    return (double)i * 0.01;
}

static void set_needed(struct tally *tally) {
    double truths = tally->truths;
    for (size_t i = 0; i < RECALL_POINTS; i++) {
        double hits = floor(recall_point(i) * truths);
        while (hits > 0 && (hits - 1) / truths >= recall_point(i)) hits--;
        while (hits / truths < recall_point(i)) hits++;
        tally->needed[i] = (uint32_t)hits;
    }
}

/* Without truths nothing else is set, and nothing is counted. */
static void tally_init(struct tally *tally, const struct settings *settings, uint32_t truths) {
    tally->truths = truths;
    if (truths == 0) return;
    memset(tally, 0,
           offsetof(struct tally, walks) + settings->threshold_count * sizeof *tally->walks);
    tally->settings = settings;
    tally->truths = truths;
    tally->all = (uint32_t)((UINT64_C(1) << settings->threshold_count) - 1);
    for (size_t t = 0; t < settings->threshold_count; t++) tally->walks[t].next = 1;
    set_needed(tally);
}

static void hit(const struct tally *tally, struct walk *walk, uint32_t rank, double score) {
    uint32_t hits = ++walk->hits;
    double misses = (double)(tally->seen - tally->outside - walk->ignored - hits);
    double precision = hits / (misses + hits + spacing);
    for (size_t m = 0; m < tally->settings->max_det_count; m++) {
        walk->hits_by_cut[m] += rank < tally->settings->max_dets[m];
    }
    while (walk->next < RECALL_POINTS && hits >= tally->needed[walk->next]) {
        walk->scores[walk->next++] = score;
    }
    double *best = &walk->best[walk->next - 1];
    if (precision > *best) *best = precision;
}

static void count(struct tally *tally, struct verdict verdict, uint32_t rank, double score) {
    if (tally->seen++ == 0) tally->first_score = score;
    if ((verdict.matched | verdict.ignored) == 0) return; /* a false positive: most are */
    if (verdict.ignored == tally->all) {
        tally->outside++;
        return;
    }
    for (size_t t = 0; t < tally->settings->threshold_count; t++) {
        struct walk *walk = &tally->walks[t];
        if (verdict.ignored >> t & 1) {
            walk->ignored++;
        } else if (verdict.matched >> t & 1) {
            hit(tally, walk, rank, score);
        }
    }
}

/* Turns the walk at a threshold into its curves. */
static void write_walk(const struct tally *tally, const struct walk *walk, double *precision,
                       double *scores) {
    double best = 0;
    for (size_t r = RECALL_POINTS; r-- > 0;) {
        bool is_reached = r < walk->next;
        if (is_reached && walk->best[r] > best) best = walk->best[r];
        precision[r] = is_reached ? best : 0;
        if (scores) scores[r] = r > 0 ? walk->scores[r] : tally->first_score;
    }
}

static void write_tally(struct curves *curves, const struct tally *tally, size_t area, size_t k) {
    for (size_t t = 0; t < curves->thresholds; t++) {
        const struct walk *walk = &tally->walks[t];
        write_walk(tally, walk, curves_precision(curves, area, t, k),
                   area == 0 ? curves_scores(curves, t, k) : NULL);
        for (size_t m = 0; m < curves->cuts; m++) {
            *curves_recall(curves, area, m, t, k) = walk->hits_by_cut[m] / (double)tally->truths;
        }
    }
}

/* ---- all classes ------------------------------------------------------------------------- */

void curves_count_truths(struct curves *curves, const struct objects *objects,
                         const struct settings *settings, const struct selection *selection) {
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        if (!selection_has_image(selection, truth->image) ||
            !selection_has_category(selection, truth->category)) {
            continue;
        }
        for (size_t a = 0; a < curves->areas; a++) {
            curves->truths[a * curves->classes + truth->category] +=
                truth_counts(truth, &settings->areas[a]);
        }
    }
}

struct accumulation {
    const struct settings *settings;
    struct tally tallies[]; /* of each area range */
};

struct accumulation *accumulation_new(const struct settings *settings, struct err *err) {
    /* Not on the stack: those of threads are small. */
    struct accumulation *accumulation =
        malloc(sizeof *accumulation + settings->area_count * sizeof *accumulation->tallies);
    if (accumulation) {
        accumulation->settings = settings;
    } else {
        memory_is_out(err);
    }
    return accumulation;
}

void accumulation_free(struct accumulation *accumulation) {
    free(accumulation);
}

void accumulation_begin(struct accumulation *accumulation, const struct curves *curves, size_t k) {
    for (size_t a = 0; a < accumulation->settings->area_count; a++) {
        tally_init(&accumulation->tallies[a], accumulation->settings,
                   curves->truths[a * curves->classes + k]);
    }
}

void accumulation_add(struct accumulation *accumulation, const struct verdict *verdicts,
                      uint32_t rank, double score) {
    size_t areas = accumulation->settings->area_count;
    for (size_t a = 0; a < areas; a++) {
        struct tally *tally = &accumulation->tallies[a];
        if (tally->truths > 0) count(tally, verdicts[a], rank, score);
    }
}

void accumulation_end(const struct accumulation *accumulation, struct curves *curves, size_t k) {
    for (size_t a = 0; a < accumulation->settings->area_count; a++) {
        const struct tally *tally = &accumulation->tallies[a];
        if (tally->truths > 0) write_tally(curves, tally, a, k);
    }
}

/* A class's detections lie all over the array, and waiting for each would be half the time of the
 * walk; so those some steps on are asked for. Returns such a one. */
static size_t index_ahead(const struct objects *objects, uint32_t i) {
    enum {
        AHEAD = 16
    };
    size_t there = (size_t)i + AHEAD;
    return objects->by_class[there < objects->detection_count ? there : i];
}

static void walk_class(struct accumulation *accumulation, const struct objects *objects,
                       const struct selection *selection, const struct verdict *verdicts,
                       size_t k) {
    unsigned depth = settings_depth(accumulation->settings);
    size_t areas = accumulation->settings->area_count;
    for (uint32_t i = objects->class_starts[k]; i < objects->class_starts[k + 1]; i++) {
        size_t index = objects->by_class[i];
        size_t ahead = index_ahead(objects, i);
        const struct detection *detection = &objects->detections[index];
        __builtin_prefetch(&objects->detections[ahead]);
        __builtin_prefetch(&verdicts[ahead * areas]);
        if (detection->rank >= depth || !selection_has_image(selection, detection->image)) continue;
        accumulation_add(accumulation, verdicts + index * areas, detection->rank, detection->score);
    }
}

bool accumulate(struct curves *curves, const struct objects *objects,
                const struct settings *settings, const struct selection *selection,
                const struct verdict *verdicts, uint32_t first, uint32_t end, struct err *err) {
    struct accumulation *accumulation = accumulation_new(settings, err);
    if (!accumulation) return false;
    for (uint32_t k = first; k < end; k++) {
        if (!selection_has_category(selection, k)) continue;
        accumulation_begin(accumulation, curves, k);
        walk_class(accumulation, objects, selection, verdicts, k);
        accumulation_end(accumulation, curves, k);
    }
    accumulation_free(accumulation);
    return true;
}
