/* Decodes masks: see run_ends.h. */
#include "coco/run_ends.h"

#include <inttypes.h>
#include <stdlib.h>

#include "coco/counts.h"
#include "coco/outlines.h"

enum {
    FIRST_CAP = 1024,
    ESCAPED_MAX = 1 << 28 /* bytes of compressed text with escapes */
};

void run_ends_init(struct run_ends *ends, struct work *work) {
    *ends = (struct run_ends){0};
    buf_init(&ends->scratch, ESCAPED_MAX);
    crossings_init(&ends->crossings, work);
}

void run_ends_free(struct run_ends *ends) {
    free(ends->list);
    ends->list = NULL;
    ends->count = ends->cap = 0;
    buf_free(&ends->scratch);
    crossings_free(&ends->crossings);
}

static bool no_memory(struct run_ends *ends, struct skip *skip) {
    ends->failed = true;
    return skip_row(skip, SKIP_INVALID_SEGMENTATION, "segmentation: out of memory");
}

static bool reserve(struct run_ends *ends, size_t count, struct skip *skip) {
    if (count <= ends->cap) return true;
    size_t cap = ends->cap ? ends->cap : FIRST_CAP;
    while (cap < count) cap *= 2; /* a run has a byte of text, or a crossing */
    uint32_t *list = reallocarray(ends->list, cap, sizeof *list);
    if (!list) return no_memory(ends, skip);
    ends->list = list;
    ends->cap = cap;
    return true;
}

static bool set_size(struct run_ends *ends, int64_t height, int64_t width, struct skip *skip) {
    ends->height = (uint32_t)height;
    ends->width = (uint32_t)width;
    return (height <= SIDE_MAX && width <= SIDE_MAX && height * width <= UINT32_MAX) ||
           skip_row(skip, SKIP_INVALID_SEGMENTATION,
                    "segmentation: the image is too large, %" PRId64 " x %" PRId64, height, width);
}

/* ---- RLE --------------------------------------------------------------------------------- */

/* A run takes at least one byte. */
static bool read_packed(struct run_ends *ends, struct counts *counts, struct skip *skip) {
    return reserve(ends, (size_t)(counts->end - counts->p), skip) &&
           counts_take_packed(counts, ends->list, &ends->count, skip);
}

static bool read_listed(struct run_ends *ends, struct counts *counts, struct skip *skip) {
    while (counts_has_next(counts)) {
        int64_t run;
        if (!counts_next(counts, &run, skip) || !reserve(ends, ends->count + 1, skip)) return false;
        ends->list[ends->count++] = (uint32_t)counts->total;
    }
    return true;
}

static bool read_counts(struct run_ends *ends, const struct json_value *object, uint32_t node,
                        struct skip *skip) {
    static const struct picture any_size = {0, 0};
    struct counts counts;
    if (!counts_open(&counts, object, node, &any_size, &ends->scratch, skip) ||
        !set_size(ends, counts.height, counts.width, skip)) {
        return false;
    }
    bool good = counts.p ? read_packed(ends, &counts, skip) : read_listed(ends, &counts, skip);
    return good && counts_finish(&counts, skip);
}

/* ---- polygons ---------------------------------------------------------------------------- */

/* Adds a place where the pixels change. If they change twice there, they do not. */
static void change_at(struct run_ends *ends, uint32_t place) {
    if (ends->count > 0 && ends->list[ends->count - 1] == place) {
        ends->count--;
    } else {
        ends->list[ends->count++] = place;
    }
}

/* Turns crossings into ends. A run that reaches the foot of a column goes on at the head of the
 * next one. */
static bool join_columns(struct run_ends *ends, struct polygons *polygons, struct skip *skip) {
    size_t count;
    uint32_t size = ends->height * ends->width;
    const int64_t *crossings = polygons_union(polygons, &count);
    if (!reserve(ends, count + 1, skip)) return false;
    for (size_t i = 0; i < count; i++) {
        int64_t place = polygons_column(polygons, crossings[i]) * ends->height +
                        polygons_row(polygons, crossings[i]);
        change_at(ends, (uint32_t)place);
    }
    if (ends->count == 0 || ends->list[ends->count - 1] < size) ends->list[ends->count++] = size;
    return true;
}

static bool begin_drawing(struct run_ends *ends, struct polygons *polygons,
                          const struct picture *picture, struct skip *skip) {
    int64_t height = picture->height > 0 ? picture->height : UNKNOWN_SIDE;
    int64_t width = picture->width > 0 ? picture->width : UNKNOWN_SIDE;
    ends->count = 0;
    if (!set_size(ends, height, width, skip)) return false;
    polygons_init(polygons, height, width, &ends->crossings);
    return true;
}

static bool end_drawing(struct run_ends *ends, struct polygons *polygons, bool good,
                        struct skip *skip) {
    if (good) return join_columns(ends, polygons, skip);
    ends->failed = ends->crossings.failed;
    return false;
}

static bool draw(struct run_ends *ends, const struct json_value *object, uint32_t node,
                 const struct picture *picture, struct skip *skip) {
    struct polygons polygons;
    return begin_drawing(ends, &polygons, picture, skip) &&
           end_drawing(ends, &polygons, outlines_draw(object, node, &polygons, skip), skip);
}

bool run_ends_draw(struct run_ends *ends, const struct number_lists *lists,
                   const struct picture *picture, struct skip *skip) {
    struct polygons polygons;
    return begin_drawing(ends, &polygons, picture, skip) &&
           end_drawing(ends, &polygons, outlines_draw_lists(lists, &polygons, skip), skip);
}

bool run_ends_read(struct run_ends *ends, const struct json_value *object, uint32_t node,
                   const struct picture *picture, enum mask_kind *kind, struct skip *skip) {
    ends->count = 0;
    *kind = MASK_NONE;
    switch (object->nodes[node].type) {
    case JSON_NULL:
        return true;
    case JSON_ARRAY:
        if (!outlines_any(object, node)) return true;
        *kind = MASK_POLYGONS;
        return draw(ends, object, node, picture, skip);
    case JSON_OBJECT:
        *kind = MASK_RLE;
        return read_counts(ends, object, node, skip);
    default:
        return skip_row(skip, SKIP_INVALID_SEGMENTATION, "segmentation is %s",
                        json_type_name(object->nodes[node].type));
    }
}
