/* Finds what makes numbers doubtful: see doubts.h. */
#include "evaluation/doubts.h"

static bool is_selected(const struct truth *truth, const struct selection *selection) {
    return selection_has_image(selection, truth->image) &&
           selection_has_category(selection, truth->category);
}

static void find_id_0(struct doubts *doubts, const struct objects *objects,
                      const struct selection *selection) {
    for (size_t i = 0; i < objects->truth_count && !doubts->has_id_0; i++) {
        const struct truth *truth = &objects->truths[i];
        if (truth->annotation_id != 0 || !is_selected(truth, selection)) continue;
        doubts->has_id_0 = true;
        doubts->id_0_image = objects->image_ids[truth->image];
    }
}

static bool has_truth(const struct objects *objects, const struct selection *selection,
                      uint32_t image) {
    for (uint32_t i = objects->truth_starts[image]; i < objects->truth_starts[image + 1]; i++) {
        if (is_selected(&objects->truths[i], selection)) return true;
    }
    return false;
}

static void find_unpredicted(struct doubts *doubts, const struct objects *objects,
                             const struct selection *selection) {
    for (uint32_t i = 0; i < objects->image_count; i++) {
        if (objects->detection_starts[i] < objects->detection_starts[i + 1] ||
            !has_truth(objects, selection, i)) {
            continue;
        }
        if (doubts->unpredicted++ == 0) doubts->unpredicted_image = objects->image_ids[i];
    }
}

static void compare_scores(struct doubts *doubts, const struct objects *objects) {
    if (objects->detection_count == 0) return;
    if (doubts->detections == 0) doubts->score = objects->detections[0].score;
    doubts->detections += objects->detection_count;
    for (size_t i = 0; i < objects->detection_count && !doubts->scores_differ; i++) {
        doubts->scores_differ = objects->detections[i].score != doubts->score;
    }
}

static void add_notes(struct notes *notes, const struct notes *more) {
    notes->truths_without_mask += more->truths_without_mask;
    notes->unreadable_shapes += more->unreadable_shapes;
    notes->masks_without_image_size += more->masks_without_image_size;
    notes->detections_without_keypoints += more->detections_without_keypoints;
}

void doubts_add(struct doubts *doubts, const struct objects *objects,
                const struct settings *settings, const struct selection *selection) {
    if (settings->exact) find_id_0(doubts, objects, selection);
    find_unpredicted(doubts, objects, selection);
    compare_scores(doubts, objects);
    add_notes(&doubts->notes, &objects->notes);
}
