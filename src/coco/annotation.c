/* Checks shared by ground truth and detections: see annotation.h. */
#include "coco/annotation.h"

#include "coco/numeral.h"

static bool read_side(const struct json_value *object, uint32_t node, unsigned i, double *out,
                      struct skip *skip) {
    switch (numeral_double(object, node, out)) {
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
        return fields_missing(fields, field, skip);
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

static bool no_point(struct skip *skip) {
    return skip_row(skip, SKIP_INVALID_KEYPOINTS,
                    "keypoints holds a value that is not a finite number");
}

/* Adds the points of a list that holds each of them as a list of its own. */
static bool read_nested(const struct json_value *object, uint32_t list, struct point_extent *extent,
                        struct skip *skip) {
    for (uint32_t point = list + 1; point < object->nodes[list].next;
         point = object->nodes[point].next) {
        uint32_t count = json_child_count(object, point);
        if (object->nodes[point].type != JSON_ARRAY || count < 2 || count > 3) {
            return skip_row(skip, SKIP_INVALID_KEYPOINTS,
                            "keypoints holds a point that is not [x, y] or [x, y, visibility]");
        }
        if (!points_read(object, point, count, extent)) return no_point(skip);
    }
    return true;
}

static bool read_flat(const struct json_value *object, uint32_t list, struct point_extent *extent,
                      struct skip *skip) {
    uint32_t count = json_child_count(object, list);
    if (count % 3 != 0 && count % 2 != 0) {
        return skip_row(skip, SKIP_INVALID_KEYPOINTS,
                        "keypoints has %u numbers, neither triples nor pairs", count);
    }
    return points_read(object, list, count % 3 == 0 ? 3 : 2, extent) || no_point(skip);
}

bool annotation_read_keypoints(const struct fields *fields, size_t field, struct bbox *extent,
                               struct skip *skip) {
    const struct json_value *object = fields->object;
    uint32_t list = fields->node[field];
    struct point_extent points = point_extent_empty;
    if (object->nodes[list].type != JSON_ARRAY) {
        return skip_row(skip, SKIP_INVALID_KEYPOINTS, "keypoints is %s, not an array",
                        json_type_name(object->nodes[list].type));
    }
    bool nested = object->nodes[list + 1].type == JSON_ARRAY;
    if (!(nested ? read_nested : read_flat)(object, list, &points, skip)) return false;
    *extent = point_extent_box(&points);
    return true;
}
