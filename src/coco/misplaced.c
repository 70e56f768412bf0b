/* Recognizes rows in the wrong place: see misplaced.h. */
#include "coco/misplaced.h"

#include <stddef.h>

const char misplaced_results[] =
    "these look like results, which go to /datasets/{dataset}/runs/{run}";

static bool has(const struct json_value *row, const char *name) {
    return json_member(row, 0, name) != 0;
}

static bool has_shape(const struct json_value *row) {
    return has(row, "bbox") || has(row, "segmentation") || has(row, "keypoints");
}

/* A row that both kinds of files share is not judged. */
static const char *judge_boxes(const struct json_value *row, bool of_a_run) {
    bool scored = has(row, "score");
    if (of_a_run && !scored && has(row, "id")) {
        return "these look like a ground truth, which goes to /datasets/{dataset}: they have ids "
               "and no scores";
    }
    return !of_a_run && scored && !has(row, "id") ? misplaced_results : NULL;
}

const char *misplaced_row(const struct json_value *row, bool of_a_run) {
    if (has(row, "segments_info")) {
        return "these are panoptic segments; convert them to instances first, with panopticapi's "
               "panoptic2detection_coco_format.py";
    }
    if (has_shape(row)) return judge_boxes(row, of_a_run);
    if (has(row, "caption")) {
        return "these are captions, which have no boxes; import the instances file in their place";
    }
    return NULL;
}
