/* Reads polygons: see outlines.h. */
#include "coco/outlines.h"

#include <inttypes.h>
#include <math.h>

#include "coco/counts.h"
#include "coco/numeral.h"

static bool invalid(struct skip *skip, const char *problem) {
    return skip_row(skip, SKIP_INVALID_SEGMENTATION, "segmentation: %s", problem);
}

static bool is_end(const struct json_value *object, uint32_t list, uint32_t node) {
    return node >= object->nodes[list].next;
}

/* ---- checks ------------------------------------------------------------------------------ */

static bool check_numbers(const struct json_value *object, uint32_t node, uint32_t *count,
                          struct skip *skip) {
    *count = 0;
    if (object->nodes[node].type != JSON_ARRAY) return invalid(skip, "a polygon is not an array");
    for (uint32_t i = node + 1; !is_end(object, node, i); i = object->nodes[i].next, ++*count) {
        double ignored;
        if (numeral_double(object, i, &ignored) != NUMBER_OK) {
            return invalid(skip, "a polygon holds a value that is not a finite number");
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

/* True for a polygon that no list is around. */
static bool is_bare(const struct json_value *object, uint32_t node) {
    return !is_end(object, node, node + 1) && object->nodes[node + 1].type != JSON_ARRAY;
}

bool outlines_check_numbers(const struct json_value *object, uint32_t node, bool *any,
                            struct skip *skip) {
    uint32_t count;
    *any = is_bare(object, node);
    if (*any) return check_numbers(object, node, &count, skip);
    for (uint32_t i = node + 1; !is_end(object, node, i); i = object->nodes[i].next) {
        if (!check_numbers(object, i, &count, skip)) return false;
        *any |= count > 0;
    }
    return true;
}

/* ---- the image --------------------------------------------------------------------------- */

/* The node must be a number; a check has tested that. */
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

static bool draw_polygon(struct polygons *polygons, const struct json_value *object,
                         uint32_t list) {
    for (uint32_t i = list + 1; !is_end(object, list, i) && !is_end(object, list, i + 1); i += 2) {
        if (!polygons_corner(polygons, coordinate(object, i), coordinate(object, i + 1))) {
            return false;
        }
    }
    return polygons_close(polygons);
}

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

bool outlines_draw(const struct json_value *object, uint32_t node, struct polygons *polygons,
                   struct skip *skip) {
    if (is_bare(object, node))
        return draw_polygon(polygons, object, node) || refuse(polygons, skip);
    for (uint32_t list = node + 1; !is_end(object, node, list); list = object->nodes[list].next) {
        if (!draw_polygon(polygons, object, list)) return refuse(polygons, skip);
    }
    return true;
}
