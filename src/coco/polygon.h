/*
 * The pixels of polygons, as cocoapi finds them (maskApi.c, rleFrPoly), for coco/rle alone: corners are
 * rounded to fifths of a pixel, an edge crosses the middle of a column at one height, and counted down the
 * columns, every other stretch between crossings is the polygon's. Only what lies in the picture costs
 * memory, or more time than reading it.
 */
#ifndef PGCOCO_COCO_POLYGON_H
#define PGCOCO_COCO_POLYGON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Pixels counted down the columns of the picture; end is behind the last one. */
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
    int64_t height; /* of the picture; height * width fits */
    int64_t width;
    struct buf *crossings;
    size_t closed; /* crossings of polygons that are complete: starts and ends of runs */
    bool open;
    struct corner first;
    struct corner last;
};

/* No polygons yet. crossings: the caller's; reset here. What fits in is what polygons may cross. */
void polygons_init(struct polygons *polygons, int64_t height, int64_t width, struct buf *crossings);

/* How many columns all polygons together may cross, each as often as it is crossed. */
size_t polygons_crossings_max(const struct polygons *polygons);

/* The next corner of the present polygon, anywhere. False when more columns are crossed than that, or, with
 * crossings->failed, for want of memory; *polygons is of no use then. */
bool polygons_corner(struct polygons *polygons, double x, double y);

/* No more corners; the next one begins another polygon. False as above. */
bool polygons_close(struct polygons *polygons);

/* What the closed polygons cover together: runs in order, none empty, with a pixel between any two. They
 * lie in `crossings`, and no polygon can be added any more. */
const struct pixel_run *polygons_union(struct polygons *polygons, size_t *count);

#endif
