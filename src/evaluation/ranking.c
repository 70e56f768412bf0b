/* Keeps of a run what weights of images can change: see ranking.h. */
#include "evaluation/ranking.h"

#include <stdlib.h>
#include <string.h>

#include "evaluation/memory.h"

/* ---- images -------------------------------------------------------------------------------- */

bool slots_init(struct slots *slots, const struct objects *objects,
                const struct selection *selection, struct err *err) {
    memset(slots, 0, sizeof *slots);
    slots->of_images = calloc(objects->image_count + 1, sizeof *slots->of_images);
    if (!slots->of_images) return memory_is_out(err);
    for (uint32_t i = 0; i < objects->image_count; i++) {
        slots->of_images[i] = selection_has_image(selection, i) ? slots->count++ : SLOT_NONE;
    }
    return true;
}

void slots_free(struct slots *slots) {
    free(slots->of_images);
    memset(slots, 0, sizeof *slots);
}

/* ---- detections ---------------------------------------------------------------------------- */

/* Adds the detections of a class. *slot and *event: the first free places. */
static void add_class(struct ranking *ranking, const struct objects *objects,
                      const struct settings *settings, const struct slots *slots,
                      const struct verdict *verdicts, uint32_t k, size_t *slot, size_t *event) {
    const uint32_t all = (uint32_t)((UINT64_C(1) << settings->threshold_count) - 1);
    size_t last_slot = *slot; /* behind the last hit */
    size_t last_event = *event;
    for (uint32_t i = objects->class_starts[k]; i < objects->class_starts[k + 1]; i++) {
        const struct detection *detection = &objects->detections[objects->by_class[i]];
        struct verdict verdict = verdicts[objects->by_class[i]];
        uint32_t own = slots->of_images[detection->image];
        if (own == SLOT_NONE || detection->rank >= settings_depth(settings)) continue;
        uint32_t ignored = verdict.ignored & all;
        uint32_t hits = verdict.matched & all & ~ignored;
        if (ignored == all) continue;
        ranking->slots[*slot] = own;
        if (hits | ignored) {
            ranking->events[(*event)++] =
                (struct ranking_event){.position = *slot, .hits = hits, .ignored = ignored};
        }
        ++*slot;
        if (!hits) continue;
        last_slot = *slot;
        last_event = *event;
    }
    *slot = last_slot;
    *event = last_event;
}

/* Gives back what the detections did not need. */
static void shrink(struct ranking *ranking, size_t slots, size_t events) {
    void *less = realloc(ranking->slots, (slots + 1) * sizeof *ranking->slots);
    if (less) ranking->slots = less;
    less = realloc(ranking->events, (events + 1) * sizeof *ranking->events);
    if (less) ranking->events = less;
}

/* The most events that there may be. */
static size_t count_events(const struct objects *objects, const struct settings *settings,
                           const struct verdict *verdicts) {
    size_t count = 0;
    for (size_t i = 0; i < objects->detection_count; i++) {
        if (objects->detections[i].rank >= settings_depth(settings)) continue;
        count += (verdicts[i].matched | verdicts[i].ignored) != 0;
    }
    return count;
}

bool ranking_init(struct ranking *ranking, const struct objects *objects,
                  const struct settings *settings, const struct selection *selection,
                  const struct slots *slots, const struct verdict *verdicts,
                  struct progress *progress, struct err *err) {
    size_t slot = 0;
    size_t event = 0;
    *ranking = (struct ranking){.classes = objects->category_count};
    size_t starts = ranking->classes + 1;
    ranking->slots = calloc(objects->detection_count + 1, sizeof *ranking->slots);
    ranking->events =
        calloc(count_events(objects, settings, verdicts) + 1, sizeof *ranking->events);
    ranking->slot_starts = calloc(starts, sizeof *ranking->slot_starts);
    ranking->event_starts = calloc(starts, sizeof *ranking->event_starts);
    if (!ranking->slots || !ranking->events || !ranking->slot_starts || !ranking->event_starts) {
        return memory_is_out(err);
    }
    for (uint32_t k = 0; k < ranking->classes; k++) {
        if (!progress_go_on(progress, err)) return false;
        if (selection_has_category(selection, k)) {
            add_class(ranking, objects, settings, slots, verdicts, k, &slot, &event);
        }
        ranking->slot_starts[k + 1] = slot;
        ranking->event_starts[k + 1] = event;
    }
    shrink(ranking, slot, event);
    return true;
}

void ranking_free(struct ranking *ranking) {
    free(ranking->slots);
    free(ranking->slot_starts);
    free(ranking->events);
    free(ranking->event_starts);
    memset(ranking, 0, sizeof *ranking);
}

/* ---- ground truths ------------------------------------------------------------------------- */

/* Returns the image of a ground truth that counts, else SLOT_NONE. */
static uint32_t slot_of_truth(const struct truth *truth, const struct settings *settings,
                              const struct selection *selection, const struct slots *slots) {
    if (!truth_counts(truth, &settings->areas[0])) return SLOT_NONE;
    if (!selection_has_category(selection, truth->category)) return SLOT_NONE;
    return slots->of_images[truth->image];
}

bool truth_slots_init(struct truth_slots *truths, const struct objects *objects,
                      const struct settings *settings, const struct selection *selection,
                      const struct slots *slots, struct err *err) {
    *truths = (struct truth_slots){.classes = objects->category_count};
    truths->slots = calloc(objects->truth_count + 1, sizeof *truths->slots);
    truths->starts = calloc(truths->classes + 2, sizeof *truths->starts);
    if (!truths->slots || !truths->starts) return memory_is_out(err);
    /* Counted two places further on, so that the second pass leaves the starts. */
    size_t *next = truths->starts + 1;
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        if (slot_of_truth(truth, settings, selection, slots) == SLOT_NONE) continue;
        next[truth->category + 1]++;
    }
    for (size_t k = 0; k < truths->classes; k++) next[k + 1] += next[k];
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        uint32_t slot = slot_of_truth(truth, settings, selection, slots);
        if (slot != SLOT_NONE) truths->slots[next[truth->category]++] = slot;
    }
    return true;
}

void truth_slots_free(struct truth_slots *truths) {
    free(truths->slots);
    free(truths->starts);
    memset(truths, 0, sizeof *truths);
}
