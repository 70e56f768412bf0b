/* Finds images that one of two runs gets right: see flips.h. */
#include "evaluation/flips.h"

#include <stdlib.h>
#include <string.h>

#include "evaluation/memory.h"

static uint32_t count_truths(const struct objects *objects, const struct settings *settings,
                             const struct selection *selection, uint32_t image) {
    uint32_t count = 0;
    for (uint32_t i = objects->truth_starts[image]; i < objects->truth_starts[image + 1]; i++) {
        const struct truth *truth = &objects->truths[i];
        count += selection_has_category(selection, truth->category) &&
                 truth_counts(truth, &settings->areas[0]);
    }
    return count;
}

static struct image_outcome judge(const struct flip_run *run, const struct settings *settings,
                                  const struct selection *selection, uint32_t image) {
    const struct objects *objects = run->objects;
    struct image_outcome outcome = {0};
    uint32_t end = objects->detection_starts[image + 1];
    for (uint32_t i = objects->detection_starts[image]; i < end; i++) {
        const struct detection *detection = &objects->detections[i];
        if (detection->rank >= settings_depth(settings) ||
            detection->score < settings->confidence || (run->verdicts[i].ignored & 1) ||
            !selection_has_category(selection, detection->category)) {
            continue;
        }
        if (run->verdicts[i].matched & 1) {
            outcome.true_positives++;
        } else {
            outcome.false_positives++;
        }
    }
    outcome.false_negatives =
        count_truths(objects, settings, selection, image) - outcome.true_positives;
    return outcome;
}

static uint32_t mistakes(const struct image_outcome *outcome) {
    return outcome->false_positives + outcome->false_negatives;
}

/* ---- lists --------------------------------------------------------------------------------- */

/* One of the two runs makes no mistakes, so the sum is that of the other one. */
static int compare_flips(const void *left, const void *right) {
    const struct flip *a = left;
    const struct flip *b = right;
    uint32_t of_a = mistakes(&a->runs[0]) + mistakes(&a->runs[1]);
    uint32_t of_b = mistakes(&b->runs[0]) + mistakes(&b->runs[1]);
    if (of_a != of_b) return of_a > of_b ? -1 : 1;
    return (a->image > b->image) - (a->image < b->image);
}

static void list_flips(struct flip_list *list, struct flip *flips, size_t count) {
    qsort(flips, count, sizeof *flips, compare_flips);
    list->count = count;
    list->listed = count < FLIPS_MAX ? count : FLIPS_MAX;
    memcpy(list->flips, flips, list->listed * sizeof *flips);
}

/* all: room for one flip an image. Those that are better come from its front, the others from its
 * end. */
static void sort_images(struct flips *flips, const struct flip_run runs[FLIP_RUNS],
                        const struct settings *settings, const struct selection *selection,
                        struct flip *all) {
    size_t images = runs[0].objects->image_count;
    size_t better = 0;
    size_t worse = 0;
    for (uint32_t image = 0; image < images; image++) {
        if (!selection_has_image(selection, image)) continue;
        struct flip flip = {.image = image};
        for (size_t i = 0; i < FLIP_RUNS; i++) {
            flip.runs[i] = judge(&runs[i], settings, selection, image);
        }
        bool a = mistakes(&flip.runs[0]) == 0;
        bool b = mistakes(&flip.runs[1]) == 0;
        flips->images++;
        flips->both += a && b;
        flips->neither += !a && !b;
        if (b && !a) all[better++] = flip;
        if (a && !b) all[images - ++worse] = flip;
    }
    list_flips(&flips->better, all, better);
    list_flips(&flips->worse, all + images - worse, worse);
}

bool flips_find(struct flips *flips, const struct flip_run runs[FLIP_RUNS],
                const struct settings *settings, const struct selection *selection,
                struct err *err) {
    memset(flips, 0, sizeof *flips);
    struct flip *all = calloc(runs[0].objects->image_count + 1, sizeof *all);
    if (!all) return memory_is_out(err);
    sort_images(flips, runs, settings, selection, all);
    free(all);
    return true;
}
