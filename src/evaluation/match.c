/* Matches detections with ground truths of their class: see match.h. */
#include "evaluation/match.h"

#include <string.h>

/* The least overlap that a threshold asks for: cocoeval's min([t, 1-1e-10]). */
static double reach(double threshold) {
    const double almost_one = 1 - 1e-10;
    return threshold < almost_one ? threshold : almost_one;
}

/* Sets of thresholds are bits: bit t stands for thresholds[t]. */
struct matching {
    const struct objects *objects;
    const struct settings *settings;
    size_t areas;
    double reaches[THRESHOLDS_MAX];
    uint32_t all;
    uint32_t *used; /* areas for each truth: the thresholds at which a detection has it */
    struct share *share;
};

/* The overlaps of a detection that may matter, and what area they are looked at for. */
struct choice {
    const struct overlap *from;
    const struct overlap *to;
    uint32_t category;
    size_t area;
};

static uint32_t *used_of(const struct matching *matching, size_t truth, size_t area) {
    return &matching->used[truth * matching->areas + area];
}

/* The thresholds at which a truth can still be taken. A crowd serves any number. */
static uint32_t free_at(const struct matching *matching, uint32_t truth, size_t area) {
    if (matching->objects->truths[truth].is_crowd) return matching->all;
    return matching->all & ~*used_of(matching, truth, area);
}

/* The thresholds that an overlap reaches: all up to some. */
static uint32_t reached_by(const struct matching *matching, double iou) {
    unsigned t = 0;
    while (t < matching->settings->threshold_count && iou >= matching->reaches[t]) t++;
    return (uint32_t)((UINT64_C(1) << t) - 1);
}

/* Notes that a detection takes a truth at some thresholds. A ground truth with id 0 is used up, but
 * the detection counts as unmatched: cocoeval keeps the id in dtMatches, where 0 is none. */
static void take(const struct matching *matching, uint32_t truth, size_t area, uint32_t thresholds,
                 struct verdict *verdict) {
    const struct truth *taken = &matching->objects->truths[truth];
    *used_of(matching, truth, area) |= thresholds;
    if (!truth_counts(taken, &matching->settings->areas[area])) verdict->ignored |= thresholds;
    if (taken->annotation_id != 0 || !matching->settings->exact) verdict->matched |= thresholds;
}

/* Returns the truth that a detection takes at a threshold: of those that count, or of those that do
 * not, the one that it overlaps most, and the last of equal ones. */
static uint32_t choose(const struct matching *matching, const struct choice *choice, unsigned t,
                       bool counts) {
    uint32_t chosen = UINT32_MAX;
    double best = matching->reaches[t];
    for (const struct overlap *overlap = choice->from; overlap < choice->to; overlap++) {
        const struct truth *truth = &matching->objects->truths[overlap->truth];
        if (overlap->iou < best || truth->category != choice->category ||
            !(free_at(matching, overlap->truth, choice->area) >> t & 1) ||
            truth_counts(truth, &matching->settings->areas[choice->area]) != counts) {
            continue;
        }
        best = overlap->iou;
        chosen = overlap->truth;
    }
    return chosen;
}

static bool match_several(const struct matching *matching, const struct choice *choice,
                          struct verdict *verdict) {
    size_t pairs = (size_t)(choice->to - choice->from);
    for (unsigned t = 0; t < matching->settings->threshold_count; t++) {
        if (!share_may_look(matching->share, pairs)) return false;
        uint32_t truth = choose(matching, choice, t, true);
        if (truth == UINT32_MAX) truth = choose(matching, choice, t, false);
        if (truth != UINT32_MAX) {
            take(matching, truth, choice->area, UINT32_C(1) << t, verdict);
        }
    }
    return true;
}

/* Finds the overlaps with truths of its class that reach the lowest threshold. Returns how many
 * there are: for most detections none. *choice gets the range from the first to the last. */
static size_t find_candidates(const struct matching *matching, uint32_t index,
                              struct choice *choice) {
    const struct objects *objects = matching->objects;
    const struct overlap *end = objects->overlaps + objects->overlap_starts[index + 1];
    size_t count = 0;
    for (const struct overlap *overlap = objects->overlaps + objects->overlap_starts[index];
         overlap < end; overlap++) {
        if (overlap->iou < matching->reaches[0] ||
            objects->truths[overlap->truth].category != choice->category) {
            continue;
        }
        if (count++ == 0) choice->from = overlap;
        choice->to = overlap + 1;
    }
    return count;
}

static bool is_outside(const struct detection *detection, const struct area_range *area) {
    return detection->area < area->low || detection->area > area->high;
}

static bool match_detection(const struct matching *matching, uint32_t index,
                            struct verdict *verdicts) {
    const struct detection *detection = &matching->objects->detections[index];
    struct choice choice = {.category = detection->category};
    size_t count = find_candidates(matching, index, &choice);
    for (size_t a = 0; a < matching->areas; a++) {
        struct verdict verdict = {0, 0};
        choice.area = a;
        if (count == 1) {
            uint32_t truth = choice.from->truth;
            take(matching, truth, a,
                 reached_by(matching, choice.from->iou) & free_at(matching, truth, a), &verdict);
        } else if (count > 1 && !match_several(matching, &choice, &verdict)) {
            return false;
        }
        if (is_outside(detection, &matching->settings->areas[a])) {
            verdict.ignored |= matching->all & ~verdict.matched;
        }
        verdicts[a] = verdict;
    }
    return share_may_look(matching->share, objects_overlaps_of(matching->objects, index));
}

static bool match_image(const struct matching *matching, uint32_t image, struct verdict *verdicts) {
    const struct objects *objects = matching->objects;
    size_t areas = matching->areas;
    unsigned depth = settings_depth(matching->settings);
    uint32_t first = objects->truth_starts[image];
    uint32_t end = objects->detection_starts[image + 1];
    memset(used_of(matching, first, 0), 0,
           (objects->truth_starts[image + 1] - first) * areas * sizeof *matching->used);
    for (size_t i = objects->detection_starts[image]; i < end; i++) {
        if (objects->detections[i].rank >= depth) {
            memset(verdicts + i * areas, 0, areas * sizeof *verdicts);
        } else if (!match_detection(matching, (uint32_t)i, verdicts + i * areas)) {
            return false;
        }
    }
    return true;
}

bool match_images(const struct objects *objects, const struct settings *settings, size_t areas,
                  uint32_t first, uint32_t end, uint32_t *used, struct verdict *verdicts,
                  struct share *share) {
    struct matching matching = {.objects = objects,
                                .settings = settings,
                                .areas = areas,
                                .all = (uint32_t)((UINT64_C(1) << settings->threshold_count) - 1)};
    matching.used = used;
    matching.share = share;
    for (size_t t = 0; t < settings->threshold_count; t++) {
        matching.reaches[t] = reach(settings->thresholds[t]);
    }
    for (uint32_t image = first; image < end; image++) {
        if (!match_image(&matching, image, verdicts)) return false;
    }
    return true;
}
