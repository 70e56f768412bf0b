/* TIDE's errors: see findings.h. */
#include "evaluation/findings.h"

#include <math.h>
#include <stdlib.h>

#include "evaluation/memory.h"
#include "evaluation/share.h"

static const double found = .5;      /* t_f */
static const double background = .1; /* t_b */

const char *outcome_name(enum outcome outcome) {
    static const char *const names[OUTCOMES] = {
        [OUTCOME_TRUE_POSITIVE] = "true_positive",
        [OUTCOME_LOCALISATION] = "localisation",
        [OUTCOME_CLASSIFICATION] = "classification",
        [OUTCOME_BOTH] = "both",
        [OUTCOME_DUPLICATE] = "duplicate",
        [OUTCOME_BACKGROUND] = "background",
        [OUTCOME_MISSED] = "missed",
        [OUTCOME_IGNORED] = "ignored",
    };
    return names[outcome];
}

/* ---- overlaps of a detection --------------------------------------------------------------- */

/* The largest of some overlaps. */
struct best {
    double iou; /* 0: there is none */
    uint32_t truth;
};

static const struct best nothing = {.truth = FINDING_NONE};

/* What a detection overlaps most. */
struct bests {
    struct best own;    /* of its class */
    struct best taken;  /* ... and taken */
    struct best other;  /* of another class */
    struct best region; /* of its class, ignored */
};

static void consider(struct best *best, const struct objects *objects,
                     const struct overlap *overlap) {
    if (overlap->iou < best->iou) return;
    if (overlap->iou == best->iou &&
        objects->truths[overlap->truth].row > objects->truths[best->truth].row) {
        return;
    }
    *best = (struct best){overlap->iou, overlap->truth};
}

static const struct overlap *overlaps_begin(const struct objects *objects, uint32_t detection) {
    return objects->overlaps + objects->overlap_starts[detection];
}

static const struct overlap *overlaps_end(const struct objects *objects, uint32_t detection) {
    return objects->overlaps + objects->overlap_starts[detection + 1];
}

static bool is_taken(const struct findings *findings, uint32_t truth) {
    return findings->truths[truth].outcome == OUTCOME_TRUE_POSITIVE;
}

static struct bests find_bests(const struct findings *findings, const struct objects *objects,
                               uint32_t index) {
    struct bests bests = {nothing, nothing, nothing, nothing};
    const struct overlap *end = overlaps_end(objects, index);
    for (const struct overlap *overlap = overlaps_begin(objects, index); overlap < end; overlap++) {
        const struct truth *truth = &objects->truths[overlap->truth];
        bool is_own = truth->category == objects->detections[index].category;
        if (truth->is_ignored) {
            if (is_own) consider(&bests.region, objects, overlap);
        } else if (is_own) {
            consider(&bests.own, objects, overlap);
            if (is_taken(findings, overlap->truth)) consider(&bests.taken, objects, overlap);
        } else {
            consider(&bests.other, objects, overlap);
        }
    }
    return bests;
}

/* The best of two that are not of the same ground truth. */
static struct best best_of(const struct objects *objects, struct best one, struct best other) {
    if (one.iou != other.iou) return one.iou > other.iou ? one : other;
    if (one.truth == FINDING_NONE || other.truth == FINDING_NONE) return one;
    return objects->truths[one.truth].row < objects->truths[other.truth].row ? one : other;
}

/* ---- an image ------------------------------------------------------------------------------ */

/* Rule 2. */
static void take(struct findings *findings, const struct objects *objects, uint32_t index) {
    struct best best = nothing;
    const struct overlap *end = overlaps_end(objects, index);
    for (const struct overlap *overlap = overlaps_begin(objects, index); overlap < end; overlap++) {
        const struct truth *truth = &objects->truths[overlap->truth];
        if (overlap->iou >= found && truth->category == objects->detections[index].category &&
            !truth->is_ignored && !is_taken(findings, overlap->truth)) {
            consider(&best, objects, overlap);
        }
    }
    enum outcome outcome = best.truth == FINDING_NONE ? OUTCOME_BACKGROUND : OUTCOME_TRUE_POSITIVE;
    struct finding *finding = &findings->detections[index];
    *finding = (struct finding){best.iou, best.truth, CONFUSION_LEFT_OUT, outcome, outcome};
    if (best.truth == FINDING_NONE) return;
    findings->truths[best.truth] =
        (struct finding){best.iou, index, FINDING_NONE, outcome, outcome};
}

/* Rule 3. Sets *pointed to the ground truth that the finding names. */
static enum outcome find_error(const struct objects *objects, const struct bests *bests,
                               struct best *pointed) {
    *pointed = bests->own;
    if (background <= bests->own.iou && bests->own.iou <= found) return OUTCOME_LOCALISATION;
    *pointed = bests->other;
    if (bests->other.iou >= found) return OUTCOME_CLASSIFICATION;
    *pointed = bests->taken;
    if (bests->taken.iou >= found) return OUTCOME_DUPLICATE;
    *pointed = best_of(objects, bests->own, bests->other);
    if (pointed->iou > background) return OUTCOME_BOTH;
    *pointed = nothing;
    return OUTCOME_BACKGROUND;
}

/* Rule 5: places ascend, so the first error that points at a ground truth stays. */
static void point_at(struct findings *findings, struct best pointed, uint32_t index,
                     enum outcome error) {
    if (error != OUTCOME_LOCALISATION && error != OUTCOME_CLASSIFICATION) return;
    struct finding *truth = &findings->truths[pointed.truth];
    if (truth->outcome != OUTCOME_MISSED) return;
    *truth = (struct finding){pointed.iou, index, FINDING_NONE, error, error};
}

static void judge(struct findings *findings, const struct objects *objects, uint32_t index) {
    struct finding *finding = &findings->detections[index];
    struct bests bests = find_bests(findings, objects, index);
    struct best pointed;
    finding->outcome = finding->error = find_error(objects, &bests, &pointed);
    point_at(findings, pointed, index, finding->error);
    if (bests.region.iou > found) {
        finding->outcome = OUTCOME_IGNORED;
        pointed = bests.region;
    }
    finding->iou = pointed.iou;
    finding->other = pointed.truth;
}

static void begin_truths(struct findings *findings, const struct objects *objects, uint32_t image) {
    for (uint32_t i = objects->truth_starts[image]; i < objects->truth_starts[image + 1]; i++) {
        enum outcome outcome = objects->truths[i].is_ignored ? OUTCOME_IGNORED : OUTCOME_MISSED;
        findings->truths[i] = (struct finding){0, FINDING_NONE, FINDING_NONE, outcome, outcome};
    }
}

/* Sets what the confusion matrix says, of the detections that are looked at. */
static bool set_confused(struct findings *findings, const struct objects *objects, uint32_t image,
                         struct share *share) {
    struct image_takes takes;
    const uint32_t *by_place = objects->by_place + objects->detection_starts[image];
    if (!confusion_match_image(objects, found, -INFINITY, image, &takes, share)) return false;
    for (uint32_t i = 0; i < takes.count; i++) {
        findings->detections[by_place[i]].confused = takes.of[i];
    }
    return true;
}

static bool judge_image(struct findings *findings, const struct objects *objects, uint32_t image,
                        struct share *share) {
    const uint32_t *by_place = objects->by_place + objects->detection_starts[image];
    uint32_t count = objects->detection_starts[image + 1] - objects->detection_starts[image];
    uint32_t looked_at = count < CROSS_CLASS_DEPTH ? count : CROSS_CLASS_DEPTH;
    begin_truths(findings, objects, image);
    for (uint32_t i = 0; i < looked_at; i++) {
        if (!share_may_look(share, objects_overlaps_of(objects, by_place[i]))) return false;
        take(findings, objects, by_place[i]);
    }
    for (uint32_t i = 0; i < looked_at; i++) {
        if (!share_may_look(share, objects_overlaps_of(objects, by_place[i]))) return false;
        if (findings->detections[by_place[i]].outcome == OUTCOME_TRUE_POSITIVE) continue;
        judge(findings, objects, by_place[i]);
    }
    for (uint32_t i = looked_at; i < count; i++) {
        findings->detections[by_place[i]] =
            (struct finding){0, FINDING_NONE, CONFUSION_LEFT_OUT, OUTCOME_IGNORED, OUTCOME_IGNORED};
    }
    return set_confused(findings, objects, image, share);
}

/* ---- all images ---------------------------------------------------------------------------- */

struct judging {
    struct findings *findings;
    const struct objects *objects;
};

static bool judge_images(void *self, struct share *share) {
    const struct judging *judging = self;
    for (uint32_t image = share->first; image < share->end; image++) {
        if (!share_go_on(share) ||
            !judge_image(judging->findings, judging->objects, image, share)) {
            return false;
        }
    }
    return true;
}

bool findings_find(struct findings *findings, const struct objects *objects, unsigned threads,
                   struct progress *progress, struct err *err) {
    *findings = (struct findings){
        .detections = reallocarray(NULL, objects->detection_count + 1, sizeof(struct finding)),
        .truths = reallocarray(NULL, objects->truth_count + 1, sizeof(struct finding))};
    struct judging judging = {findings, objects};
    if (!findings->detections || !findings->truths) {
        return memory_is_out(err);
    }
    return share_work(threads, objects->detection_starts, (uint32_t)objects->image_count,
                      judge_images, &judging, progress, err);
}

void findings_free(struct findings *findings) {
    free(findings->detections);
    free(findings->truths);
    *findings = (struct findings){0};
}

/* ---- counts -------------------------------------------------------------------------------- */

static void count_image(const struct findings *findings, const struct objects *objects,
                        const struct selection *selection, uint32_t image,
                        struct error_counts *classes) {
    uint32_t end = objects->detection_starts[image + 1];
    for (uint32_t i = objects->detection_starts[image]; i < end; i++) {
        uint32_t category = objects->detections[i].category;
        if (!selection_has_category(selection, category)) continue;
        classes[category].of[findings->detections[i].outcome]++;
    }
    for (uint32_t i = objects->truth_starts[image]; i < objects->truth_starts[image + 1]; i++) {
        uint32_t category = objects->truths[i].category;
        if (!selection_has_category(selection, category)) continue;
        classes[category].of[OUTCOME_MISSED] += findings->truths[i].outcome == OUTCOME_MISSED;
    }
}

void findings_count(const struct findings *findings, const struct objects *objects,
                    const struct selection *selection, struct error_counts *classes,
                    struct error_counts *all) {
    *all = (struct error_counts){0};
    for (uint32_t k = 0; k < objects->category_count; k++) {
        if (selection_has_category(selection, k)) classes[k] = (struct error_counts){0};
    }
    for (uint32_t image = 0; image < objects->image_count; image++) {
        if (!selection_has_image(selection, image)) continue;
        count_image(findings, objects, selection, image, classes);
    }
    for (uint32_t k = 0; k < objects->category_count; k++) {
        if (!selection_has_category(selection, k)) continue;
        for (int i = 0; i < OUTCOMES; i++) all->of[i] += classes[k].of[i];
    }
}
