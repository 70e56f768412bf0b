/* Matches detections with ground truths of their class: see match.h. */
#include "evaluation/match.h"

#include <string.h>

/* The least overlap that a threshold asks for: cocoeval's min([t, 1-1e-10]). */
static double reach(double threshold) {
    const double almost_one = 1 - 1e-10;
    return threshold < almost_one ? threshold : almost_one;
}

struct matching {
    const struct objects *objects;
    const struct settings *settings;
    const struct area_range *area;
    uint32_t all;   /* a bit for each threshold */
    uint32_t *used; /* of each truth: the thresholds at which a detection has it */
};

/* Returns the truth that a detection takes at a threshold: of those that count, or of those that do
 * not, the one that it overlaps most, and the last of equal ones. A crowd serves any number. */
static uint32_t choose(const struct matching *matching, const struct overlap *from,
                       const struct overlap *to, uint32_t category, unsigned t, bool counts) {
    uint32_t chosen = UINT32_MAX;
    double best = reach(matching->settings->thresholds[t]);
    for (const struct overlap *overlap = from; overlap < to; overlap++) {
        const struct truth *truth = &matching->objects->truths[overlap->truth];
        bool is_used = !truth->is_crowd && (matching->used[overlap->truth] >> t & 1);
        if (overlap->iou < best || is_used || truth->category != category ||
            truth_counts(truth, matching->area) != counts) {
            continue;
        }
        best = overlap->iou;
        chosen = overlap->truth;
    }
    return chosen;
}

static bool is_outside(const struct detection *detection, const struct area_range *area) {
    return detection->area < area->low || detection->area > area->high;
}

/* Matches one detection at one threshold. A ground truth with id 0 is used up, but the detection
 * counts as unmatched: cocoeval keeps the id in dtMatches, where 0 stands for none. */
static void match_at(const struct matching *matching, const struct detection *detection,
                     const struct overlap *from, const struct overlap *to, unsigned t,
                     struct verdict *verdict) {
    uint32_t category = detection->category;
    uint32_t bit = UINT32_C(1) << t;
    uint32_t truth = choose(matching, from, to, category, t, true);
    bool counts = truth != UINT32_MAX;
    if (!counts) truth = choose(matching, from, to, category, t, false);
    if (truth == UINT32_MAX) return;
    matching->used[truth] |= bit;
    if (!counts) verdict->ignored |= bit;
    if (matching->objects->truths[truth].annotation_id != 0 || !matching->settings->exact) {
        verdict->matched |= bit;
    }
}

/* Narrows the overlaps to those from the first to the last that may matter at any threshold. False
 * if there are none, as for most detections. */
static bool narrow(const struct matching *matching, uint32_t category, const struct overlap **from,
                   const struct overlap **to) {
    double least = reach(matching->settings->thresholds[0]);
    const struct truth *truths = matching->objects->truths;
    const struct overlap *first = NULL;
    const struct overlap *last = NULL;
    for (const struct overlap *overlap = *from; overlap < *to; overlap++) {
        if (overlap->iou < least || truths[overlap->truth].category != category) continue;
        if (!first) first = overlap;
        last = overlap;
    }
    *from = first;
    *to = last + (last != NULL);
    return first != NULL;
}

static struct verdict match_detection(const struct matching *matching, uint32_t index) {
    const struct objects *objects = matching->objects;
    const struct detection *detection = &objects->detections[index];
    const struct overlap *from = objects->overlaps + objects->overlap_starts[index];
    const struct overlap *to = objects->overlaps + objects->overlap_starts[index + 1];
    struct verdict verdict = {0, 0};
    if (narrow(matching, detection->category, &from, &to)) {
        for (unsigned t = 0; t < matching->settings->threshold_count; t++) {
            match_at(matching, detection, from, to, t, &verdict);
        }
    }
    if (is_outside(detection, matching->area)) {
        verdict.ignored |= matching->all & ~verdict.matched;
    }
    return verdict;
}

/* Matches the detections of one image for one area range. */
static void match_image(const struct matching *matching, uint32_t image, size_t stride,
                        struct verdict *verdicts) {
    const struct objects *objects = matching->objects;
    unsigned depth = settings_depth(matching->settings);
    uint32_t first = objects->truth_starts[image];
    uint32_t end = objects->detection_starts[image + 1];
    memset(matching->used + first, 0,
           (objects->truth_starts[image + 1] - first) * sizeof *matching->used);
    for (uint32_t i = objects->detection_starts[image]; i < end; i++) {
        bool is_cut = objects->detections[i].rank >= depth;
        verdicts[i * stride] = is_cut ? (struct verdict){0, 0} : match_detection(matching, i);
    }
}

void match_images(const struct objects *objects, const struct settings *settings, size_t areas,
                  uint32_t first, uint32_t end, uint32_t *used, struct verdict *verdicts) {
    struct matching matching = {.objects = objects,
                                .settings = settings,
                                .all = (uint32_t)((UINT64_C(1) << settings->threshold_count) - 1),
                                .used = used};
    for (uint32_t image = first; image < end; image++) {
        for (size_t a = 0; a < areas; a++) {
            matching.area = &settings->areas[a];
            match_image(&matching, image, areas, verdicts + a);
        }
    }
}
