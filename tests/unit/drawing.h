/*
 * Masks the slow way: every pixel is painted and looked at. What coco/rle measures without drawing
 * is compared with this.
 */
#ifndef PGCOCO_TESTS_UNIT_DRAWING_H
#define PGCOCO_TESTS_UNIT_DRAWING_H

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "coco/rle.h"

/* ---- runs --------------------------------------------------------------------------------- */

enum {
    SIDE = 24,
    RUNS = 2 * SIDE * SIDE + 2
};

struct runs {
    int counts[RUNS];
    size_t count;
    int height;
    int width;
};

/* Measures a mask, whose pixels go down the columns, by looking at each. */
static inline void measure_pixels(const bool *pixels, int height, int width, struct mask *mask) {
    int left = width, top = height, right = -1, bottom = -1, area = 0;
    for (int i = 0; i < height * width; i++) {
        int x = i / height, y = i % height;
        if (!pixels[i]) continue;
        area++;
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        if (y > bottom) bottom = y;
    }
    mask->area = area;
    mask->bbox = (struct bbox){0};
    if (area) mask->bbox = (struct bbox){left, top, right - left + 1, bottom - top + 1};
}

static inline void paint_runs(const struct runs *runs, bool *pixels) {
    int at = 0;
    for (size_t i = 0; i < runs->count; i++) {
        for (int n = 0; n < runs->counts[i]; n++) pixels[at++] = i % 2 == 1;
    }
}

/* Measures runs by painting every pixel. */
static inline void measure_runs(const struct runs *runs, struct mask *mask) {
    bool pixels[SIDE * SIDE] = {false};
    paint_runs(runs, pixels);
    *mask = (struct mask){.kind = MASK_RLE};
    measure_pixels(pixels, runs->height, runs->width, mask);
}

static inline void put_list(struct buf *into, const struct runs *runs) {
    buf_put_char(into, '[');
    for (size_t i = 0; i < runs->count; i++) {
        buf_printf(into, "%s%d", i ? ", " : "", runs->counts[i]);
    }
    buf_put_char(into, ']');
}

/* Appends a signed number in groups of five bits, low group first, until the rest is
 * only the sign. */
static inline void put_packed_number(struct buf *into, int number) {
    bool more = true;
    while (more) {
        int group = number & 0x1f;
        number >>= 5;
        more = (group & 0x10) ? number != -1 : number != 0;
        char c = (char)((more ? group | 0x20 : group) + '0');
        if (c == '\\') buf_put_char(into, '\\');
        buf_put_char(into, c);
    }
}

static inline void put_packed(struct buf *into, const struct runs *runs) {
    buf_put_char(into, '"');
    for (size_t i = 0; i < runs->count; i++) {
        put_packed_number(into, runs->counts[i] - (i > 2 ? runs->counts[i - 2] : 0));
    }
    buf_put_char(into, '"');
}

/* Writes where the runs of pixels end, of which only the first may be empty. Returns their
 * number. */
static inline size_t find_ends(const bool *pixels, uint32_t size, uint32_t *ends) {
    size_t count = 0;
    bool on = false;
    for (uint32_t i = 0; i < size; i++) {
        if (pixels[i] != on) ends[count++] = i;
        on = pixels[i];
    }
    ends[count++] = size;
    return count;
}

/* ---- polygons ----------------------------------------------------------------------------- */

enum {
    CANVAS = 40,
    CORNERS = 12,
    POLYGONS = 4
};

struct outline {
    double at[CORNERS][2];
    size_t corners;
};

struct drawing {
    struct outline outlines[POLYGONS];
    size_t count;
    int height;
    int width;
};

/* The pixels of a drawing, down the columns. From each mark on, the pixels change sides; a mark
 * after the last pixel has no effect. */
struct canvas {
    bool marks[CANVAS * CANVAS + 1];
    bool pixels[CANVAS * CANVAS];
};

struct point {
    int x;
    int y;
};

/* Rounds towards zero, for both signs. */
static inline int to_whole(double number) {
    return (int)(number + .5);
}

/* Takes a step of at most one fifth of a pixel along the boundary. */
static inline void mark_step(struct canvas *canvas, const struct drawing *drawing,
                             struct point from, struct point to) {
    if (from.x == to.x) return;
    double x = ((to.x < from.x ? to.x : to.x - 1) + .5) / 5 - .5;
    double y = ((to.y < from.y ? to.y : from.y) + .5) / 5 - .5;
    if (x != floor(x) || x < 0 || x > drawing->width - 1) return;
    if (y < 0) y = 0;
    if (y > drawing->height) y = drawing->height;
    bool *mark = &canvas->marks[(int)x * drawing->height + (int)ceil(y)];
    *mark = !*mark;
}

/* Walks every point of an edge along its longer side, in the order of the outline. The slope is
 * computed from the end with the smaller coordinate, because rounding depends on the direction. */
static inline struct point walk_edge(struct canvas *canvas, const struct drawing *drawing,
                                     struct point from, struct point to, struct point before) {
    int wide = abs(to.x - from.x);
    int high = abs(to.y - from.y);
    int steps = wide >= high ? wide : high;
    bool turned = wide >= high ? to.x < from.x : to.y < from.y;
    struct point least = turned ? to : from;
    struct point most = turned ? from : to;
    for (int i = 0; i <= steps; i++) {
        int step = turned ? steps - i : i;
        struct point here = least;
        if (wide >= high && steps > 0) {
            here.x = least.x + step;
            here.y = to_whole(least.y + (double)(most.y - least.y) / steps * step);
        } else if (steps > 0) {
            here.x = to_whole(least.x + (double)(most.x - least.x) / steps * step);
            here.y = least.y + step;
        }
        mark_step(canvas, drawing, before, here);
        before = here;
    }
    return before;
}

static inline struct point corner_of(const struct outline *outline, size_t i) {
    const double *at = outline->at[i == outline->corners ? 0 : i];
    return (struct point){to_whole(5 * at[0]), to_whole(5 * at[1])};
}

static inline void paint_outline(struct canvas *canvas, const struct drawing *drawing,
                                 const struct outline *outline) {
    bool on = false;
    struct point at = corner_of(outline, 0);
    memset(canvas->marks, 0, sizeof canvas->marks);
    for (size_t i = 0; i < outline->corners; i++) {
        at = walk_edge(canvas, drawing, corner_of(outline, i), corner_of(outline, i + 1), at);
    }
    for (int i = 0; i < drawing->height * drawing->width; i++) {
        on ^= canvas->marks[i];
        canvas->pixels[i] |= on;
    }
}

/* Walks every boundary and paints every pixel. */
static inline void paint_drawing(const struct drawing *drawing, struct canvas *canvas) {
    *canvas = (struct canvas){0};
    for (size_t i = 0; i < drawing->count; i++) {
        paint_outline(canvas, drawing, &drawing->outlines[i]);
    }
}

static inline void measure_drawing(const struct drawing *drawing, struct mask *mask) {
    struct canvas canvas;
    paint_drawing(drawing, &canvas);
    *mask = (struct mask){.kind = MASK_POLYGONS};
    measure_pixels(canvas.pixels, drawing->height, drawing->width, mask);
}

static inline void put_drawing(struct buf *into, const struct drawing *drawing) {
    buf_put_char(into, '[');
    for (size_t i = 0; i < drawing->count; i++) {
        const struct outline *outline = &drawing->outlines[i];
        buf_put_text(into, i ? ", [" : "[");
        for (size_t n = 0; n < outline->corners; n++) {
            buf_printf(into, "%s%.17g, %.17g", n ? ", " : "", outline->at[n][0], outline->at[n][1]);
        }
        buf_put_char(into, ']');
    }
    buf_put_char(into, ']');
}

#endif
