/*
 * Polygons in JSON: a list of lists of x and y. Checks them, and draws them with coco/polygon.
 * Functions that can fail fill *skip and return false.
 */
#ifndef PGCOCO_COCO_OUTLINES_H
#define PGCOCO_COCO_OUTLINES_H

#include <stdbool.h>
#include <stdint.h>

#include "coco/annotation.h"
#include "coco/polygon.h"
#include "coco/skip.h"
#include "json/number_lists.h"
#include "json/value.h"

/* Checks the polygons of a row to import (invalid_segmentation): each has at least three pairs of
 * finite numbers, or is empty. *any: true if one is not empty. */
bool outlines_check(const struct json_value *object, uint32_t node, bool *any, struct skip *skip);

/* Finds the size of the image. Where it is not known (0), makes it large enough for all corners of
 * polygons that have passed outlines_check. invalid_segmentation if it is too large. */
bool outlines_find_sides(const struct json_value *object, uint32_t node,
                         const struct picture *picture, int64_t *height, int64_t *width,
                         struct skip *skip);

/* Draws polygons. They need not have passed outlines_check: a list of numbers counts as one
 * polygon, an odd number at the end for nothing. invalid_segmentation if there is anything else
 * than finite numbers, or too much; out_of_range if there is too much in all rows; or memory ran
 * out (crossings->failed). */
bool outlines_draw(const struct json_value *object, uint32_t node, struct polygons *polygons,
                   struct skip *skip);

/* The same for polygons that were read as lists of numbers. */
bool outlines_draw_lists(const struct number_lists *lists, struct polygons *polygons,
                         struct skip *skip);

/* True if a list has anything to draw: other elements than empty lists. */
bool outlines_any(const struct json_value *object, uint32_t node);

#endif
