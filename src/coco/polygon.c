/* Finds the pixels inside polygons: see polygon.h. */
#include "coco/polygon.h"

#include <stdlib.h>
#include <string.h>

/* In fifths of a pixel, the middle of column or row n lies between 5n + 2 and 5n + 3. */
enum {
    FIFTHS = 5,
    BEFORE_MIDDLE = 2,
    BEHIND_MIDDLE = 3
};

/* ---- crossings ---------------------------------------------------------------------------- */

enum {
    FIRST_CAP = 1024,
    INSERTED_MAX = 48, /* longer lists are sorted by digits */
    SPREAD_MAX = 2048, /* longer lists are sorted by all digits */
    DIGIT_BITS = 8,
    DIGITS = 1 << DIGIT_BITS
};

void crossings_init(struct crossings *crossings, struct work *work) {
    *crossings = (struct crossings){.max = CROSSINGS_MAX, .work = work};
}

void crossings_free(struct crossings *crossings) {
    free(crossings->list);
    free(crossings->spare);
    crossings->list = crossings->spare = NULL;
    crossings->count = crossings->cap = 0;
}

static bool grow(struct crossings *crossings, size_t need) {
    size_t cap = crossings->cap ? crossings->cap : FIRST_CAP;
    while (cap < need) cap *= 2; /* need is at most `max` */
    int64_t *list = realloc(crossings->list, cap * sizeof *list);
    if (list) crossings->list = list;
    int64_t *spare = list ? realloc(crossings->spare, cap * sizeof *spare) : NULL;
    if (spare) crossings->spare = spare;
    if (spare) crossings->cap = cap;
    return spare != NULL;
}

/* Makes room for `more` crossings, if the upload may have them. */
static bool reserve(struct polygons *polygons, size_t more) {
    struct crossings *crossings = polygons->crossings;
    if (more > crossings->max - crossings->count) {
        polygons->limit = POLYGONS_ROW_FULL;
    } else if (!work_spend(crossings->work, more)) {
        polygons->limit = POLYGONS_SPENT;
    } else if (crossings->count + more > crossings->cap &&
               !grow(crossings, crossings->count + more)) {
        polygons->limit = POLYGONS_NO_MEMORY;
        crossings->failed = true;
    }
    return polygons->limit == POLYGONS_FIT;
}

/* Sorts a short list. */
static void insert_all(int64_t *list, size_t count) {
    for (size_t i = 1; i < count; i++) {
        int64_t moved = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1] > moved; at--) list[at] = list[at - 1];
        list[at] = moved;
    }
}

/* Copies a list in the order of one digit. False without a copy if that digit is the same in
 * all. */
static bool sort_by_digit(const int64_t *from, int64_t *into, size_t count, unsigned shift) {
    uint32_t ends[DIGITS] = {0};
    uint32_t end = 0;
    for (size_t i = 0; i < count; i++) ends[(from[i] >> shift) & (DIGITS - 1)]++;
    if (ends[(from[0] >> shift) & (DIGITS - 1)] == count) return false;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        uint32_t these = ends[digit];
        ends[digit] = end;
        end += these;
    }
    for (size_t i = 0; i < count; i++) into[ends[(from[i] >> shift) & (DIGITS - 1)]++] = from[i];
    return true;
}

/* Sorts a list whose values, seen by their first digit, are spread evenly: those of a polygon
 * mostly are. False without a change if they are not, so that sorting the rest by insertion would
 * take too long. */
static bool sort_spread(int64_t *list, int64_t *spare, size_t count) {
    uint32_t ends[DIGITS] = {0};
    uint32_t end = 0;
    int64_t least = list[0];
    int64_t most = list[0];
    for (size_t i = 1; i < count; i++) {
        if (list[i] < least) least = list[i];
        if (list[i] > most) most = list[i];
    }
    unsigned bits = 64 - (unsigned)__builtin_clzll((uint64_t)(most - least) | 1);
    unsigned shift = bits > DIGIT_BITS ? bits - DIGIT_BITS : 0;
    for (size_t i = 0; i < count; i++) ends[(list[i] - least) >> shift]++;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        uint32_t these = ends[digit];
        if (these > INSERTED_MAX) return false;
        ends[digit] = end;
        end += these;
    }
    for (size_t i = 0; i < count; i++) spare[ends[(list[i] - least) >> shift]++] = list[i];
    insert_all(spare, count);
    memcpy(list, spare, count * sizeof *list);
    return true;
}

/* Sorts the crossings from `first` on, in time that grows with their number only. */
static void sort_from(struct crossings *crossings, size_t first) {
    size_t count = crossings->count - first;
    int64_t *list = crossings->list + first;
    int64_t *from = list;
    int64_t *into = crossings->spare;
    uint64_t all = 0;
    if (count <= INSERTED_MAX) {
        insert_all(list, count);
        return;
    }
    if (count <= SPREAD_MAX && sort_spread(list, into, count)) return;
    for (size_t i = 0; i < count; i++) all |= (uint64_t)list[i];
    for (unsigned shift = 0; shift < 64 && all >> shift; shift += DIGIT_BITS) {
        if (!sort_by_digit(from, into, count, shift)) continue;
        int64_t *sorted = into;
        into = from;
        from = sorted;
    }
    if (from != list) memcpy(list, from, count * sizeof *list);
}

/* ---- columns and rows --------------------------------------------------------------------- */

/* Returns how many bits hold the rows 0..height. */
static unsigned bits_for(int64_t height) {
    unsigned bits = 1;
    while (height >> bits) bits++;
    return bits;
}

void polygons_init(struct polygons *polygons, int64_t height, int64_t width,
                   struct crossings *crossings) {
    crossings->count = 0;
    *polygons = (struct polygons){
        .height = height, .width = width, .row_bits = bits_for(height), .crossings = crossings};
}

/* Returns the first column or row whose middle is not before this coordinate. */
static int64_t first_from(int64_t fifths) {
    return fifths <= BEFORE_MIDDLE ? 0 : (fifths + FIFTHS - BEHIND_MIDDLE) / FIFTHS;
}

/* Records that an edge crosses a column: the pixels from y down are on its other side. */
static void put_crossing(struct polygons *polygons, int64_t column, int64_t y) {
    struct crossings *crossings = polygons->crossings;
    int64_t row = first_from(y);
    if (row > polygons->height) row = polygons->height;
    crossings->list[crossings->count++] = column << polygons->row_bits | row;
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
 * on that side. The quotient misses it by a few steps at most, even for the longest edge, because
 * both coordinates are exact and a double has 53 bits. */
static int64_t find_step(struct corner from, double slope, int64_t column, int64_t last) {
    int64_t behind = FIFTHS * column + BEHIND_MIDDLE;
    bool starts_behind = from.x >= behind;
    double quotient = ((double)(behind - from.x) - .5) / slope;
    int64_t step = quotient < 1 ? 1 : quotient > (double)last ? last : (int64_t)quotient;
    while (step > 1 && (beside(from.x, slope, step - 1) >= behind) != starts_behind) step--;
    while (step < last && (beside(from.x, slope, step) >= behind) == starts_behind) step++;
    return step;
}

/* For an edge higher than wide, downwards: any number of steps may lie between two columns. */
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
    if (!reserve(polygons, (size_t)(columns.last - columns.first + 1))) return false;
    if (flat) {
        cross_flat(polygons, from, to, columns);
    } else {
        cross_steep(polygons, from, to, columns);
    }
    return true;
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
    struct crossings *crossings = polygons->crossings;
    if (!polygons->open) return true;
    polygons->open = false;
    if (!cross_edge(polygons, polygons->last, polygons->first)) return false;
    size_t count = crossings->count - polygons->closed;
    if (count == 0) return true;
    sort_from(crossings, polygons->closed);
    /* The count is even, in each column: a closed outline crosses its middle as often to the right
     * as to the left. */
    count = drop_pairs(crossings->list + polygons->closed, count);
    polygons->closed += count;
    polygons->filled += count > 0;
    crossings->count = polygons->closed;
    return true;
}

/* ---- all polygons ------------------------------------------------------------------------- */

/* Marks each crossing as a start (lowest bit 0) or an end of a run. */
static void mark_ends(int64_t *list, size_t count) {
    for (size_t i = 0; i < count; i++) list[i] = list[i] << 1 | (int64_t)(i & 1);
}

/* Keeps, and unmarks, the starts and ends that lie in no other run. Sorted, a start comes before an
 * end at the same place, so runs that touch become one. Returns the new count. */
static size_t join_runs(int64_t *list, size_t count) {
    size_t kept = 0;
    size_t depth = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t crossing = list[i] >> 1;
        bool is_end = list[i] & 1;
        depth = is_end ? depth - 1 : depth + 1;
        if (depth == !is_end) list[kept++] = crossing;
    }
    return kept;
}

const int64_t *polygons_union(struct polygons *polygons, size_t *count) {
    struct crossings *crossings = polygons->crossings;
    if (polygons->filled > 1) {
        mark_ends(crossings->list, crossings->count);
        sort_from(crossings, 0);
        crossings->count = join_runs(crossings->list, crossings->count);
    }
    *count = crossings->count;
    return crossings->list;
}

/* ---- a rectangle -------------------------------------------------------------------------- */

/* Returns the first pixel whose middle is not before this coordinate, at most `side`. */
static uint32_t first_pixel(double pixels, uint32_t side) {
    int64_t first = first_from(to_fifths(pixels));
    return first < side ? (uint32_t)first : side;
}

/* The upper and the lower edge cross each column whose middle lies between left and right; the
 * other two edges cross none. */
struct pixel_box pixel_box_draw(double left, double top, double right, double bottom,
                                uint32_t height, uint32_t width) {
    struct pixel_box box = {first_pixel(left, width), first_pixel(top, height),
                            first_pixel(right, width), first_pixel(bottom, height)};
    bool any = box.left < box.right && box.top < box.bottom;
    return any ? box : (struct pixel_box){0};
}
