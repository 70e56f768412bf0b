/* Oriented boxes: see oriented_box.h. */
#include "coco/oriented_box.h"

#include <math.h>

#include "coco/numeral.h"

/* Counts the numbers of a list; 0 if it is none, for which *skip is filled. */
static uint32_t count_numbers(const struct fields *fields, size_t field, struct skip *skip) {
    const struct json_value *object = fields->object;
    uint32_t list = fields->node[field];
    enum json_type type = object->nodes[list].type;
    uint32_t count = type == JSON_ARRAY ? json_child_count(object, list) : 0;
    if (type != JSON_ARRAY) {
        skip_row(skip, SKIP_INVALID_BBOX, "%s is %s, not an array", fields->names[field].text,
                 json_type_name(type));
    } else if (count == 0) {
        fields_missing(fields, field, skip);
    }
    return count;
}

static bool no_number(const struct fields *fields, size_t field, struct skip *skip) {
    return skip_row(skip, SKIP_INVALID_BBOX, "%s holds a value that is not a finite number",
                    fields->names[field].text);
}

bool oriented_box_read_corners(const struct fields *fields, size_t field, struct bbox *bbox,
                               struct skip *skip) {
    struct point_extent extent = point_extent_empty;
    uint32_t count = count_numbers(fields, field, skip);
    if (count == 0) return false;
    if (count < 6 || count % 2 != 0) {
        return skip_row(skip, SKIP_INVALID_BBOX, "%s has %u numbers, not three or more pairs",
                        fields->names[field].text, count);
    }
    if (!points_read(fields->object, fields->node[field], 2, &extent)) {
        return no_number(fields, field, skip);
    }
    *bbox = point_extent_box(&extent);
    return true;
}

bool oriented_box_read_turned(const struct fields *fields, size_t field, struct bbox *bbox,
                              struct skip *skip) {
    double part[5];
    uint32_t count = count_numbers(fields, field, skip);
    uint32_t node = fields->node[field] + 1;
    if (count == 0) return false;
    if (count != 5) {
        return skip_row(skip, SKIP_INVALID_BBOX, "%s has %u numbers, not 5",
                        fields->names[field].text, count);
    }
    for (unsigned i = 0; i < 5; i++, node = fields->object->nodes[node].next) {
        if (numeral_double(fields->object, node, &part[i]) != NUMBER_OK) {
            return no_number(fields, field, skip);
        }
    }
    if (part[2] < 0 || part[3] < 0) {
        return skip_row(skip, SKIP_INVALID_BBOX, "%s has a negative width or height",
                        fields->names[field].text);
    }
    double c = fabs(cos(part[4]));
    double s = fabs(sin(part[4]));
    double w = part[2] * c + part[3] * s;
    double h = part[2] * s + part[3] * c;
    *bbox = (struct bbox){part[0] - w / 2, part[1] - h / 2, w, h};
    return true;
}
