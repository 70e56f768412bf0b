/* Measures runs of ones: see extent.h. */
#include "coco/extent.h"

const struct extent extent_empty = {.left = INT64_MAX, .top = INT64_MAX, .right = -1, .bottom = -1};

static inline void widen(int64_t *least, int64_t *most, int64_t first, int64_t last) {
    if (first < *least) *least = first;
    if (last > *most) *most = last;
}

static inline void add(struct extent *extent, int64_t left, int64_t right, int64_t top,
                       int64_t bottom) {
    widen(&extent->left, &extent->right, left, right);
    widen(&extent->top, &extent->bottom, top, bottom);
}

void extent_add_column(struct extent *extent, int64_t column, int64_t top, int64_t bottom) {
    extent->area += bottom - top + 1;
    add(extent, column, column, top, bottom);
}

/* Moves to the column of a pixel and returns its row. Most runs begin in the column of the last one
 * or in the next, which saves the division. */
static inline int64_t move_to(struct extent *extent, int64_t height, int64_t pixel) {
    int64_t columns = 0;
    int64_t row = pixel - extent->base;
    if (row >= height) columns = row < 2 * height ? 1 : row / height;
    extent->column += columns;
    extent->base += columns * height;
    return pixel - extent->base;
}

static inline void add_run(struct extent *extent, int64_t height, int64_t start, int64_t run) {
    int64_t top = move_to(extent, height, start);
    int64_t last = top + run - 1;
    extent->area += run;
    if (last < height) {
        add(extent, extent->column, extent->column, top, last);
    } else {
        add(extent, extent->column, extent->column + last / height, 0, height - 1);
    }
}

void extent_add_run(struct extent *extent, int64_t height, int64_t start, int64_t run) {
    add_run(extent, height, start, run);
}

void extent_add_ends(struct extent *extent, int64_t height, const uint32_t *ends, size_t count) {
    struct extent local = *extent; /* a local copy stays in registers */
    for (size_t i = 1; i < count; i += 2) {
        int64_t run = (int64_t)ends[i] - ends[i - 1];
        if (run > 0) add_run(&local, height, ends[i - 1], run);
    }
    *extent = local;
}

struct bbox extent_box(const struct extent *extent) {
    if (extent->right < 0) return (struct bbox){0};
    return (struct bbox){(double)extent->left, (double)extent->top,
                         (double)(extent->right - extent->left + 1),
                         (double)(extent->bottom - extent->top + 1)};
}
