/*
 * The pixels inside polygons, by the rule of cocoapi's rleFrPoly (maskApi.c); used by coco/rle
 * only. Corners are rounded to fifths of a pixel. An edge crosses the middle of a column at one
 * row. Numbered down the columns, the pixels between the first and second crossing, third and
 * fourth, and so on are inside. Only edges within the image take memory, and time beyond reading
 * their corners.
 */
#ifndef PGCOCO_COCO_POLYGON_H
#define PGCOCO_COCO_POLYGON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Pixels numbered down the columns of the image, from start to before end. */
struct pixel_run {
    int64_t start;
    int64_t end;
};

/* A corner, in fifths of a pixel. */
struct corner {
    int64_t x;
    int64_t y;
};

struct polygons {
    int64_t height; /* of the image, in pixels; height * width must fit */
    int64_t width;
    struct buf *crossings;
    size_t closed; /* crossings of polygons that are complete: starts and ends of runs */
    bool open;
    struct corner first;
    struct corner last;
};

/* Starts with no polygons in an image of height x width pixels. `crossings` belongs to the caller
 * and is reset here; its limit is the limit of crossings. */
void polygons_init(struct polygons *polygons, int64_t height, int64_t width, struct buf *crossings);

/* Returns how many crossings all polygons together may have. */
size_t polygons_crossings_max(const struct polygons *polygons);

/* Adds a corner, in pixels, to the current polygon; it may lie outside of the image. False if there
 * are too many crossings, or if memory ran out (crossings->failed). *polygons is then unusable. */
bool polygons_corner(struct polygons *polygons, double x, double y);

/* Closes the current polygon; the next corner starts another. False as polygons_corner. */
bool polygons_close(struct polygons *polygons);

/* Returns the union of the closed polygons: runs in order, not empty, at least one pixel apart. The
 * result lies in `crossings`; no polygon can be added afterwards. */
const struct pixel_run *polygons_union(struct polygons *polygons, size_t *count);

#endif
