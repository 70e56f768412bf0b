/* A results file: see results.h. */
#include "coco/results.h"

#include <math.h>

enum {
    IMAGE_ID,
    CATEGORY_ID,
    BBOX,
    SCORE,
    SEGMENTATION,
    KEYPOINTS,
    FIELD_COUNT
};

static const struct field_name names[FIELD_COUNT] = {
    [IMAGE_ID] = FIELD("image_id"),
    [CATEGORY_ID] = FIELD("category_id"),
    [BBOX] = FIELD("bbox"),
    [SCORE] = FIELD("score"),
    [SEGMENTATION] = FIELD("segmentation"),
    [KEYPOINTS] = FIELD("keypoints"),
};

bool results_read_row(const struct json_value *element, struct annotation *row, struct buf *extra,
                      struct skip *skip) {
    struct fields fields;
    buf_reset(extra);
    if (!fields_read(&fields, element, names, FIELD_COUNT, extra, skip) ||
        !fields_int64(&fields, IMAGE_ID, &row->image_id, skip) ||
        !fields_int32(&fields, CATEGORY_ID, &row->category_id, skip) ||
        !annotation_read_bbox(&fields, BBOX, &row->bbox, skip) ||
        !fields_double(&fields, SCORE, &row->confidence, skip)) {
        return false;
    }
    row->has_confidence = true;
    /* From the box, never from the file: as pycocotools' loadRes does. */
    row->area = row->bbox.w * row->bbox.h;
    row->has_area = true;
    if (!isfinite(row->area))
        return skip_row(skip, SKIP_OUT_OF_RANGE, "the area of bbox overflows");
    row->is_crowd = false;
    row->segmentation = fields_raw(&fields, SEGMENTATION);
    row->keypoints = fields_raw(&fields, KEYPOINTS);
    row->extra = (struct slice){extra->len ? extra->data : NULL, extra->len};
    return true;
}
