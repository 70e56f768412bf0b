/* Finds the pixels inside polygons: see polygon.h. */
#include "coco/polygon.h"

#include <stdlib.h>

/* In fifths of a pixel, the middle of column or row n lies between 5n + 2 and 5n + 3. */
enum {
    FIFTHS = 5,
    BEFORE_MIDDLE = 2,
    BEHIND_MIDDLE = 3
};

void polygons_init(struct polygons *polygons, int64_t height, int64_t width,
                   struct buf *crossings) {
    buf_reset(crossings);
    *polygons = (struct polygons){.height = height, .width = width, .crossings = crossings};
}

/* ---- crossings ---------------------------------------------------------------------------- */

static int64_t *all_crossings(const struct polygons *polygons) {
    return (int64_t *)(void *)polygons->crossings->data; /* from realloc, so aligned */
}

static size_t crossing_count(const struct polygons *polygons) {
    return polygons->crossings->len / sizeof(int64_t);
}

size_t polygons_crossings_max(const struct polygons *polygons) {
    return polygons->crossings->max / sizeof(int64_t);
}

static void keep_crossings(struct polygons *polygons, size_t count) {
    polygons->crossings->len = count * sizeof(int64_t);
}

static bool has_room(const struct polygons *polygons, int64_t more) {
    return (uint64_t)more <= polygons_crossings_max(polygons) - crossing_count(polygons);
}

/* Returns the first column or row whose middle is not before this coordinate. */
static int64_t first_from(int64_t fifths) {
    return fifths <= BEFORE_MIDDLE ? 0 : (fifths + FIFTHS - BEHIND_MIDDLE) / FIFTHS;
}

/* Records that an edge crosses a column: the pixels from y down are on its other side. */
static void put_crossing(struct polygons *polygons, int64_t column, int64_t y) {
    int64_t row = first_from(y);
    if (row > polygons->height) row = polygons->height;
    int64_t pixel = column * polygons->height + row;
    buf_put(polygons->crossings, &pixel, sizeof pixel);
}

/* ---- an edge ------------------------------------------------------------------------------ */

/* The columns of the image whose middle lies between two x; empty if last < first. */
struct columns {
    int64_t first;
    int64_t last;
};

static struct columns columns_between(const struct polygons *polygons, int64_t left,
                                      int64_t right) {
    struct columns columns = {first_from(left), -1};
    if (right >= BEHIND_MIDDLE) columns.last = (right - BEHIND_MIDDLE) / FIFTHS;
    if (columns.last >= polygons->width) columns.last = polygons->width - 1;
    return columns;
}

/* Walking along the longer side of an edge, one step is one fifth of a pixel. Returns the other
 * coordinate after `step` steps. The order of the operations and the cast towards zero are those of
 * rleFrPoly; both decide which pixels are inside. */
static int64_t beside(int64_t start, double slope, int64_t step) {
    return (int64_t)((double)start + slope * (double)step + .5);
}

/* For an edge at least as wide as high, from left to right: the step that crosses the middle of a
 * column follows from the column. */
static void cross_flat(struct polygons *polygons, struct corner from, struct corner to,
                       struct columns columns) {
    double slope = (double)(to.y - from.y) / (double)(to.x - from.x);
    for (int64_t column = columns.first; column <= columns.last; column++) {
        int64_t step = FIFTHS * column + BEHIND_MIDDLE - from.x;
        int64_t before = beside(from.y, slope, step - 1);
        int64_t behind = beside(from.y, slope, step);
        put_crossing(polygons, column, before < behind ? before : behind);
    }
}

/* Returns the first step on the other side of a column's middle than step 0. The last step must be
 * on that side. */
static int64_t find_step(struct corner from, double slope, int64_t column, int64_t last) {
    int64_t behind = FIFTHS * column + BEHIND_MIDDLE;
    int64_t least = 0;
    int64_t most = last;
    bool starts_behind = from.x >= behind;
    while (most - least > 1) {
        int64_t step = least + (most - least) / 2;
        if ((beside(from.x, slope, step) >= behind) == starts_behind) {
            least = step;
        } else {
            most = step;
        }
    }
    return most;
}

/* For an edge higher than wide, downwards: any number of steps may lie between two columns, so the
 * crossing step is found by binary search. */
static void cross_steep(struct polygons *polygons, struct corner from, struct corner to,
                        struct columns columns) {
    int64_t steps = to.y - from.y;
    double slope = (double)(to.x - from.x) / (double)steps;
    for (int64_t column = columns.first; column <= columns.last; column++) {
        int64_t step = find_step(from, slope, column, steps);
        put_crossing(polygons, column, from.y + step - 1);
    }
}

static bool cross_edge(struct polygons *polygons, struct corner from, struct corner to) {
    int64_t wide = llabs(to.x - from.x);
    int64_t high = llabs(to.y - from.y);
    bool flat = wide >= high;
    if (flat ? from.x > to.x : from.y > to.y) {
        struct corner swapped = from;
        from = to;
        to = swapped;
    }
    bool rightwards = from.x < to.x;
    struct columns columns =
        columns_between(polygons, rightwards ? from.x : to.x, rightwards ? to.x : from.x);
    if (columns.last < columns.first) return true;
    if (!has_room(polygons, columns.last - columns.first + 1)) return false;
    if (flat) {
        cross_flat(polygons, from, to, columns);
    } else {
        cross_steep(polygons, from, to, columns);
    }
    return !polygons->crossings->failed;
}

/* ---- a polygon ---------------------------------------------------------------------------- */

/* Rounds towards zero like cocoapi. cocoapi's result beyond 32 bits is undefined; here the
 * coordinate is clamped. */
static int64_t to_fifths(double pixels) {
    double fifths = FIFTHS * pixels + .5;
    if (fifths > (double)INT32_MAX) return INT32_MAX;
    if (fifths < (double)INT32_MIN) return INT32_MIN;
    return (int64_t)fifths;
}

bool polygons_corner(struct polygons *polygons, double x, double y) {
    struct corner last = polygons->last;
    struct corner corner = {to_fifths(x), to_fifths(y)};
    polygons->last = corner;
    if (polygons->open) return cross_edge(polygons, last, corner);
    polygons->first = corner;
    polygons->open = true;
    return true;
}

static int compare_pixels(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Removes pairs of equal crossings from a sorted list, because they cancel. Returns the new
 * count. */
static size_t drop_pairs(int64_t *crossings, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && crossings[kept - 1] == crossings[i]) {
            kept--;
        } else {
            crossings[kept++] = crossings[i];
        }
    }
    return kept;
}

bool polygons_close(struct polygons *polygons) {
    if (!polygons->open) return true;
    polygons->open = false;
    if (!cross_edge(polygons, polygons->last, polygons->first)) return false;
    size_t count = crossing_count(polygons) - polygons->closed;
    if (count == 0) return true;
    int64_t *crossings = all_crossings(polygons) + polygons->closed;
    qsort(crossings, count, sizeof *crossings, compare_pixels);
    /* The count is even: a closed outline crosses each column's middle as often to the right as to
     * the left. */
    polygons->closed += drop_pairs(crossings, count);
    keep_crossings(polygons, polygons->closed);
    return true;
}

/* ---- all polygons ------------------------------------------------------------------------- */

static int compare_runs(const void *a, const void *b) {
    return compare_pixels(&((const struct pixel_run *)a)->start,
                          &((const struct pixel_run *)b)->start);
}

/* Merges runs that overlap or touch; they must be sorted by start. Returns the new count. */
static size_t join_runs(struct pixel_run *runs, size_t count) {
    size_t last = 0;
    if (count == 0) return 0;
    for (size_t i = 1; i < count; i++) {
        if (runs[i].start > runs[last].end) {
            runs[++last] = runs[i];
        } else if (runs[i].end > runs[last].end) {
            runs[last].end = runs[i].end;
        }
    }
    return last + 1;
}

const struct pixel_run *polygons_union(struct polygons *polygons, size_t *count) {
    /* The crossings of a closed polygon are start, end, start, end. */
    struct pixel_run *runs = (struct pixel_run *)(void *)polygons->crossings->data;
    *count = polygons->closed / 2;
    if (*count == 0) return runs;
    qsort(runs, *count, sizeof *runs, compare_runs);
    *count = join_runs(runs, *count);
    return runs;
}
