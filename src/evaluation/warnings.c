/* Says what makes numbers doubtful: see warnings.h. */
#include "evaluation/warnings.h"

#include <inttypes.h>

#include "json/writer.h"

enum {
    CLASSES_SHOWN = 5,
    MESSAGE_MAX = 1024 /* bytes */
};

struct warnings {
    struct buf *into;
    const struct numbers *numbers;
    const struct objects *objects;
    const struct settings *settings;
    struct buf message; /* the next one */
    bool first;
};

/* Writes a warning with the message, and empties that. */
static void put(struct warnings *warnings, const char *code) {
    buf_put_text(warnings->into, warnings->first ? "{\"code\":" : ",{\"code\":");
    warnings->first = false;
    json_write_text(warnings->into, code);
    buf_put_text(warnings->into, ",\"message\":");
    json_write_text(warnings->into, buf_text(&warnings->message));
    buf_put_char(warnings->into, '}');
    buf_reset(&warnings->message);
}

static void warn_of_id_0(struct warnings *warnings) {
    const struct doubts *doubts = &warnings->numbers->doubts;
    if (!doubts->has_id_0) return;
    buf_printf(&warnings->message,
               "the ground truth with annotation id 0 (image %" PRId64
               ") counts as unmatched even if a detection finds it, as in pycocotools; "
               "exact=0 counts it as found",
               doubts->id_0_image);
    put(warnings, "id_0");
}

static void warn_of_no_truth(struct warnings *warnings) {
    const struct curves *curves = &warnings->numbers->curves;
    for (size_t k = 0; k < curves->classes; k++) {
        if (curves->truths[k] > 0) return;
    }
    buf_put_text(&warnings->message, "no ground truth counts, so the numbers are -1");
    put(warnings, "no_ground_truth");
}

static void warn_of_images(struct warnings *warnings) {
    const struct doubts *doubts = &warnings->numbers->doubts;
    if (doubts->unpredicted == 0) return;
    buf_printf(&warnings->message,
               "%" PRIu64 " of %" PRIu64 " images have ground truth and no prediction "
               "(image %" PRId64 " is the first): is the results file complete?",
               doubts->unpredicted, warnings->numbers->images, doubts->unpredicted_image);
    put(warnings, "no_predictions");
}

static void warn_of_scores(struct warnings *warnings) {
    const struct doubts *doubts = &warnings->numbers->doubts;
    if (doubts->detections < 2 || doubts->scores_differ) return;
    buf_printf(&warnings->message,
               "all %" PRIu64 " predictions have the score %.6g: AP depends on their order in the "
               "file",
               doubts->detections, doubts->score);
    put(warnings, "equal_scores");
}

struct note {
    size_t count;
    const char *code;
    const char *text; /* behind the count */
};

static void warn_of_shapes(struct warnings *warnings) {
    const struct notes *found = &warnings->numbers->doubts.notes;
    bool are_masks = warnings->settings->iou_type == IOU_SEGM;
    const struct note notes[] = {
        {found->truths_without_mask, "no_mask",
         "ground truths have no mask: their box is taken for it"},
        {found->unreadable_shapes, "unreadable",
         are_masks ? "masks cannot be read: the boxes of their rows are taken for them"
                   : "lists of keypoints cannot be read: they count as if there were none"},
        {found->masks_without_image_size, "no_image_size",
         "polygons are of images without a size: they are drawn as large as they are"},
        {found->detections_without_keypoints, "no_keypoints",
         "predictions have no keypoints: they find nothing"},
    };
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        if (notes[i].count == 0) continue;
        buf_printf(&warnings->message, "%zu %s", notes[i].count, notes[i].text);
        put(warnings, notes[i].code);
    }
}

static void warn_of_classes(struct warnings *warnings) {
    const struct objects *objects = warnings->objects;
    struct buf ids;
    size_t count = 0;
    buf_init(&ids, MESSAGE_MAX);
    for (size_t k = 0; k < objects->category_count; k++) {
        if (warnings->numbers->curves.truths[k] == 0 ||
            warnings->numbers->class_detections[k] > 0) {
            continue;
        }
        if (count < CLASSES_SHOWN) {
            buf_printf(&ids, "%s%" PRId64, count ? ", " : "", objects->category_ids[k]);
        }
        count++;
    }
    if (count > 0) {
        buf_printf(&warnings->message,
                   "%zu of %zu classes with ground truth are never predicted: %s%s", count,
                   warnings->numbers->classes_with_truth, buf_text(&ids),
                   count > CLASSES_SHOWN ? ", ..." : "");
        put(warnings, "never_predicted");
    }
    buf_free(&ids);
}

void warnings_write(struct buf *into, const struct numbers *numbers, const struct objects *objects,
                    const struct settings *settings) {
    struct warnings warnings = {
        .into = into, .numbers = numbers, .objects = objects, .settings = settings, .first = true};
    buf_init(&warnings.message, MESSAGE_MAX);
    buf_put_char(into, '[');
    warn_of_id_0(&warnings);
    warn_of_no_truth(&warnings);
    warn_of_images(&warnings);
    warn_of_scores(&warnings);
    warn_of_shapes(&warnings);
    warn_of_classes(&warnings);
    buf_put_char(into, ']');
    buf_free(&warnings.message);
}
