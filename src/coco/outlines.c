/* Reads polygons: see outlines.h. */
#include "coco/outlines.h"

#include <inttypes.h>
#include <math.h>

#include "coco/counts.h"
#include "coco/numeral.h"

static bool invalid(struct skip *skip, const char *problem) {
    return skip_row(skip, SKIP_INVALID_SEGMENTATION, "segmentation: %s", problem);
}

static const char not_a_list[] = "a polygon is not an array";
static const char not_a_number[] = "a polygon holds a value that is not a finite number";

static bool is_end(const struct json_value *object, uint32_t list, uint32_t node) {
    return node >= object->nodes[list].next;
}

/* ---- checks ------------------------------------------------------------------------------ */

static bool check_numbers(const struct json_value *object, uint32_t node, uint32_t *count,
                          struct skip *skip) {
    *count = 0;
    if (object->nodes[node].type != JSON_ARRAY) return invalid(skip, not_a_list);
    for (uint32_t i = node + 1; !is_end(object, node, i); i = object->nodes[i].next, ++*count) {
        double ignored;
        if (numeral_double(object, i, &ignored) != NUMBER_OK) {
            return invalid(skip, not_a_number);
        }
    }
    return true;
}

bool outlines_check(const struct json_value *object, uint32_t node, bool *any, struct skip *skip) {
    *any = false;
    for (uint32_t i = node + 1; !is_end(object, node, i); i = object->nodes[i].next) {
        uint32_t count;
        if (!check_numbers(object, i, &count, skip)) return false;
        if (count == 0) continue; /* some tools write [[]] for "no mask" */
        *any = true;
        if (count >= 6 && count % 2 == 0) continue;
        return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                        "segmentation: a polygon has %" PRIu32 " numbers, not three or more pairs",
                        count);
    }
    return true;
}

/* ---- the image --------------------------------------------------------------------------- */

/* The node must be a number; outlines_check has tested that. */
static double coordinate(const struct json_value *object, uint32_t node) {
    double number = 0;
    (void)numeral_double(object, node, &number);
    return number;
}

/* Grows *height and *width to hold all corners of a segmentation. */
static void hold_corners(const struct json_value *object, uint32_t node, double *height,
                         double *width) {
    for (uint32_t list = node + 1; !is_end(object, node, list); list = object->nodes[list].next) {
        for (uint32_t i = list + 1; !is_end(object, list, i); i += 2) {
            *width = fmax(*width, coordinate(object, i));
            *height = fmax(*height, coordinate(object, i + 1));
        }
    }
}

bool outlines_find_sides(const struct json_value *object, uint32_t node,
                         const struct picture *picture, int64_t *height, int64_t *width,
                         struct skip *skip) {
    bool known = picture->height > 0 && picture->width > 0;
    double high = 1;
    double wide = 1;
    if (!known) hold_corners(object, node, &high, &wide);
    if (picture->height > 0) high = picture->height;
    if (picture->width > 0) wide = picture->width;
    if (high > SIDE_MAX || wide > SIDE_MAX) {
        return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                        "segmentation: polygons need an image of more than %d pixels a side",
                        SIDE_MAX);
    }
    *height = (int64_t)ceil(high);
    *width = (int64_t)ceil(wide);
    return true;
}

/* ---- drawing ----------------------------------------------------------------------------- */

static bool refuse(const struct polygons *polygons, struct skip *skip) {
    if (polygons->limit == POLYGONS_SPENT) {
        return skip_row(skip, SKIP_OUT_OF_RANGE,
                        "segmentation: the outlines of the upload cross more than %d columns of "
                        "pixels for each of its bytes; give rows a bbox, or send it uncompressed",
                        WORK_PER_BYTE);
    }
    return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                    "segmentation: outlines cross more than %zu columns of pixels",
                    polygons->crossings->max);
}

static bool draw_polygon(struct polygons *polygons, const struct json_value *object, uint32_t list,
                         struct skip *skip) {
    if (object->nodes[list].type != JSON_ARRAY) return invalid(skip, not_a_list);
    for (uint32_t i = list + 1; !is_end(object, list, i) && !is_end(object, list, i + 1); i += 2) {
        double x;
        double y;
        if (numeral_double(object, i, &x) != NUMBER_OK ||
            numeral_double(object, i + 1, &y) != NUMBER_OK) {
            return invalid(skip, not_a_number);
        }
        if (!polygons_corner(polygons, x, y)) return refuse(polygons, skip);
    }
    return polygons_close(polygons) || refuse(polygons, skip);
}

/* True for a polygon that no list is around. */
static bool is_bare(const struct json_value *object, uint32_t node) {
    return !is_end(object, node, node + 1) && object->nodes[node + 1].type != JSON_ARRAY;
}

bool outlines_draw(const struct json_value *object, uint32_t node, struct polygons *polygons,
                   struct skip *skip) {
    if (is_bare(object, node)) return draw_polygon(polygons, object, node, skip);
    for (uint32_t list = node + 1; !is_end(object, node, list); list = object->nodes[list].next) {
        if (!draw_polygon(polygons, object, list, skip)) return false;
    }
    return true;
}

bool outlines_draw_lists(const struct number_lists *lists, struct polygons *polygons,
                         struct skip *skip) {
    size_t i = 0;
    for (size_t list = 0; list < lists->list_count; list++) {
        size_t end = lists->ends[list];
        for (; i + 1 < end; i += 2) {
            if (!polygons_corner(polygons, lists->numbers[i], lists->numbers[i + 1])) {
                return refuse(polygons, skip);
            }
        }
        i = end;
        if (!polygons_close(polygons)) return refuse(polygons, skip);
    }
    return true;
}

bool outlines_any(const struct json_value *object, uint32_t node) {
    for (uint32_t list = node + 1; !is_end(object, node, list); list = object->nodes[list].next) {
        if (object->nodes[list].type != JSON_ARRAY || json_child_count(object, list) > 0) {
            return true;
        }
    }
    return false;
}
