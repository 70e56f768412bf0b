/* Oriented boxes: rectangles that are turned, as ultralytics writes them. */
#ifndef PGCOCO_COCO_ORIENTED_BOX_H
#define PGCOCO_COCO_ORIENTED_BOX_H

#include <stdbool.h>
#include <stddef.h>

#include "coco/fields.h"
#include "coco/points.h"
#include "coco/skip.h"

/* Reads the box around a polygon: three or more pairs of numbers. On failure fills *skip
 * (invalid_bbox) and returns false. */
bool oriented_box_read_corners(const struct fields *fields, size_t field, struct bbox *bbox,
                               struct skip *skip);

/* Reads the box around a turned rectangle: [center x, center y, width, height, radians]. On failure
 * fills *skip (invalid_bbox) and returns false. */
bool oriented_box_read_turned(const struct fields *fields, size_t field, struct bbox *bbox,
                              struct skip *skip);

#endif
