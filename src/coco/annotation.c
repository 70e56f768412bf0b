/* Checks shared by ground truth and detections: see annotation.h. */
#include "coco/annotation.h"

#include <math.h>

#include "json/number.h"

static bool read_side(const struct json_value *object, uint32_t node, unsigned i, double *out,
                      struct skip *skip) {
    switch (number_double(object, node, out)) {
    case NUMBER_OK:
        return true;
    case NUMBER_OUT_OF_RANGE:
        return skip_row(skip, SKIP_OUT_OF_RANGE, "bbox[%u] does not fit a double", i);
    case NUMBER_NON_FINITE:
        return skip_row(skip, SKIP_NON_FINITE, "bbox[%u] is not finite", i);
    default:
        return skip_row(skip, SKIP_INVALID_BBOX, "bbox[%u] is %s, not a number", i,
                        json_type_name(object->nodes[node].type));
    }
}

bool annotation_read_bbox(const struct fields *fields, size_t field, struct bbox *bbox,
                          struct skip *skip) {
    const struct json_value *object = fields->object;
    uint32_t list = fields->node[field];
    uint32_t count = fields_has(fields, field) ? json_child_count(object, list) : 0;
    bool is_list = object->nodes[list].type == JSON_ARRAY;
    if (!fields_has(fields, field) || (is_list && count == 0)) {
        return skip_row(skip, SKIP_MISSING_FIELD, "bbox is missing");
    }
    if (!is_list) {
        return skip_row(skip, SKIP_WRONG_TYPE, "bbox is %s, not an array",
                        json_type_name(object->nodes[list].type));
    }
    if (count != 4) return skip_row(skip, SKIP_INVALID_BBOX, "bbox has %u numbers, not 4", count);
    double side[4];
    uint32_t node = list + 1;
    for (unsigned i = 0; i < 4; i++, node = object->nodes[node].next) {
        if (!read_side(object, node, i, &side[i], skip)) return false;
    }
    *bbox = (struct bbox){side[0], side[1], side[2], side[3]};
    if (bbox->w < 0 || bbox->h < 0) {
        return skip_row(skip, SKIP_INVALID_BBOX, "bbox has a negative width or height");
    }
    return true;
}

static bool read_point(const struct json_value *object, uint32_t *node, double *x, double *y) {
    double triple[3];
    for (unsigned i = 0; i < 3; i++, *node = object->nodes[*node].next) {
        if (number_double(object, *node, &triple[i]) != NUMBER_OK) return false;
    }
    *x = triple[0];
    *y = triple[1];
    return true;
}

bool annotation_read_keypoints(const struct fields *fields, size_t field, struct bbox *extent,
                               struct skip *skip) {
    const struct json_value *object = fields->object;
    uint32_t list = fields->node[field];
    if (object->nodes[list].type != JSON_ARRAY) {
        return skip_row(skip, SKIP_INVALID_KEYPOINTS, "keypoints is %s, not an array",
                        json_type_name(object->nodes[list].type));
    }
    uint32_t count = json_child_count(object, list);
    if (count == 0 || count % 3 != 0) {
        return skip_row(skip, SKIP_INVALID_KEYPOINTS, "keypoints has %u numbers, not triples",
                        count);
    }
    double left = INFINITY;
    double top = INFINITY;
    double right = -INFINITY;
    double bottom = -INFINITY;
    for (uint32_t node = list + 1; node < object->nodes[list].next;) {
        double x;
        double y;
        if (!read_point(object, &node, &x, &y)) {
            return skip_row(skip, SKIP_INVALID_KEYPOINTS,
                            "keypoints holds a value that is not a finite number");
        }
        left = fmin(left, x);
        top = fmin(top, y);
        right = fmax(right, x);
        bottom = fmax(bottom, y);
    }
    *extent = (struct bbox){left, top, right - left, bottom - top};
    return true;
}
