/* Lists of points, as keypoints and oriented boxes have them. */
#ifndef PGCOCO_COCO_POINTS_H
#define PGCOCO_COCO_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "json/value.h"

/* The top left corner, width and height, in pixels. */
struct bbox {
    double x;
    double y;
    double w;
    double h;
};

/* The box around points, as it grows. Start with point_extent_empty. */
struct point_extent {
    double left;
    double top;
    double right;
    double bottom;
};

extern const struct point_extent point_extent_empty;

void point_extent_add(struct point_extent *extent, double x, double y);

/* Returns the box of an extent to which a point has been added. */
struct bbox point_extent_box(const struct point_extent *extent);

/* Adds the points of a list of numbers, of which each `size` (2 or more) are a point that begins
 * with x and y. False if one of them is not a finite number. The number of children must be a
 * multiple of `size`. */
bool points_read(const struct json_value *object, uint32_t list, unsigned size,
                 struct point_extent *extent);

#endif
