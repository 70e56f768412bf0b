/*
 * The pixels inside polygons, by the rule of cocoapi's rleFrPoly (maskApi.c). Corners are
 * rounded to fifths of a pixel. An edge crosses the middle of a column at one row. Down a
 * column, the pixels between the first and second crossing, third and fourth, and so on are
 * inside. Only edges within the image take memory, and time beyond reading their corners.
 */
#ifndef PGCOCO_COCO_POLYGON_H
#define PGCOCO_COCO_POLYGON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/work.h"

enum {
    CROSSINGS_MAX = 1 << 19 /* of one row: 8 MiB */
};

/* Room for the crossings of one row after the other. A few bytes can describe an outline around a
 * large image, so each crossing is a step of the work that the upload may cost. */
struct crossings {
    int64_t *list;  /* a column, and in the low bits a row: see polygons_column */
    int64_t *spare; /* as long, for sorting */
    size_t count;
    size_t cap;
    size_t max;        /* largest count */
    struct work *work; /* of all rows; NULL: not bounded */
    bool failed;       /* out of memory */
};

/* Starts without memory. work must outlive *crossings. Call crossings_free in any case. */
void crossings_init(struct crossings *crossings, struct work *work);
void crossings_free(struct crossings *crossings);

/* A corner, in fifths of a pixel. */
struct corner {
    int64_t x;
    int64_t y;
};

/* Why no more can be added. */
enum polygons_limit {
    POLYGONS_FIT,
    POLYGONS_ROW_FULL, /* the row has more than crossings->max */
    POLYGONS_SPENT,    /* the upload has more than its bytes pay for */
    POLYGONS_NO_MEMORY
};

struct polygons {
    int64_t height; /* of the image, in pixels; at most 2^20 */
    int64_t width;
    unsigned row_bits; /* of a crossing */
    struct crossings *crossings;
    size_t closed; /* crossings of polygons that are complete: starts and ends of runs */
    size_t filled; /* polygons among these that have pixels */
    bool open;
    struct corner first;
    struct corner last;
    enum polygons_limit limit;
};

/* Starts with no polygons in an image of height x width pixels. `crossings` belongs to the
 * caller; its list is emptied here. */
void polygons_init(struct polygons *polygons, int64_t height, int64_t width,
                   struct crossings *crossings);

/* Adds a corner, in pixels, to the current polygon; it may lie outside of the image. False if that
 * is too much; `limit` then says of what, and *polygons is unusable. */
bool polygons_corner(struct polygons *polygons, double x, double y);

/* Closes the current polygon; the next corner starts another. False as polygons_corner. */
bool polygons_close(struct polygons *polygons);

/* Returns the union of the closed polygons as crossings: starts and ends of runs of pixels, in
 * order. A run lies in one column, is not empty, and ends before the row of its end. The result
 * lies in `crossings`; no polygon can be added afterwards. */
const int64_t *polygons_union(struct polygons *polygons, size_t *count);

/* Pixels from column left to before right, and from row top to before bottom. */
struct pixel_box {
    uint32_t left;
    uint32_t top;
    uint32_t right;
    uint32_t bottom;
};

/* Returns the pixels inside the polygon of the corners of a rectangle, in pixels; all 0 if there
 * are none. left <= right, top <= bottom; height and width at most 2^32 - 1. */
struct pixel_box pixel_box_draw(double left, double top, double right, double bottom,
                                uint32_t height, uint32_t width);

static inline int64_t polygons_column(const struct polygons *polygons, int64_t crossing) {
    return crossing >> polygons->row_bits;
}

static inline int64_t polygons_row(const struct polygons *polygons, int64_t crossing) {
    return crossing & ((INT64_C(1) << polygons->row_bits) - 1);
}

#endif
