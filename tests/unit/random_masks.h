/* Random masks: runs, and polygons of many manners. */
#ifndef PGCOCO_TESTS_UNIT_RANDOM_MASKS_H
#define PGCOCO_TESTS_UNIT_RANDOM_MASKS_H

#include <string.h>

#include "drawing.h"
#include "random.h"

/* Makes runs of random lengths, some empty, that fill an image of random size. */
static inline void make_runs(struct runs *runs, uint64_t *seed) {
    runs->height = 1 + (int)random_below(seed, SIDE);
    runs->width = 1 + (int)random_below(seed, SIDE);
    int left = runs->height * runs->width;
    size_t limit = random_below(seed, 5) ? 9 : (size_t)left + 1;
    for (runs->count = 0; left > 0 && runs->count < RUNS - 1; runs->count++) {
        int run = (int)random_below(seed, limit);
        if (run > left) run = left;
        runs->counts[runs->count] = run;
        left -= run;
    }
    if (left > 0) runs->counts[runs->count++] = left;
}

/* ---- polygons ----------------------------------------------------------------------------- */

/* How a random coordinate is chosen. */
enum manner {
    INSIDE,
    AROUND,    /* around the image, partly outside */
    FAR_AWAY,  /* mostly outside */
    ON_FIFTHS, /* exactly between two fifths, or on one; negative too */
    TINY,      /* within one pixel */
    WHOLE,
    MANNERS
};

static inline double random_real(uint64_t *seed, double least, double most) {
    return least + (double)random_below(seed, 1 << 20) / (1 << 20) * (most - least);
}

static inline double random_coordinate(uint64_t *seed, enum manner manner, int side, double base) {
    switch (manner) {
    case INSIDE:
        return random_real(seed, 0, side);
    case AROUND:
        return random_real(seed, -side, 2 * side);
    case FAR_AWAY:
        return random_real(seed, -300, 300);
    case ON_FIFTHS:
        return ((int)random_below(seed, 400) - 100) / 10.0;
    case TINY:
        return base + random_real(seed, -.6, .6);
    default:
        return (int)random_below(seed, (size_t)side + 3) - 1;
    }
}

static inline void make_outline(struct outline *outline, const struct drawing *drawing,
                                uint64_t *seed) {
    enum manner manner = random_below(seed, MANNERS);
    double x = random_real(seed, -1, drawing->width + 1);
    double y = random_real(seed, -1, drawing->height + 1);
    outline->corners = 3 + random_below(seed, CORNERS - 3);
    for (size_t i = 0; i < outline->corners; i++) {
        outline->at[i][0] = random_coordinate(seed, manner, drawing->width, x);
        outline->at[i][1] = random_coordinate(seed, manner, drawing->height, y);
        size_t kind = i > 0 ? random_below(seed, 12) : CORNERS;
        /* A vertical edge, or a horizontal one. */
        if (kind < 2) outline->at[i][kind] = outline->at[i - 1][kind];
        if (kind == 2) memcpy(outline->at[i], outline->at[i - 1], sizeof outline->at[i]);
        if (kind == 3) memcpy(outline->at[i], outline->at[0], sizeof outline->at[i]);
    }
}

static inline void make_drawing(struct drawing *drawing, uint64_t *seed) {
    drawing->height = 1 + (int)random_below(seed, CANVAS);
    drawing->width = 1 + (int)random_below(seed, CANVAS);
    drawing->count = random_below(seed, 3) ? 1 : 1 + random_below(seed, POLYGONS);
    for (size_t i = 0; i < drawing->count; i++) {
        make_outline(&drawing->outlines[i], drawing, seed);
    }
}

#endif
