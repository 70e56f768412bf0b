/* Reads and measures masks: see rle.h. */
#include "coco/rle.h"

#include <inttypes.h>
#include <math.h>

#include "json/number.h"

enum {
    SIDE_MAX = 1 << 20 /* pixels; height * width stays far below 2^53 */
};

static bool invalid(struct skip *skip, const char *problem) {
    return skip_row(skip, SKIP_INVALID_SEGMENTATION, "segmentation: %s", problem);
}

/* ---- runs -------------------------------------------------------------------------------- */

/* An iterator over runs, from a list of numbers or from compressed text. */
struct runs {
    const struct json_value *object;
    uint32_t node; /* the next number of the list, and the end of the list */
    uint32_t node_end;
    const char *p; /* the rest of the text; NULL if this is a list */
    const char *end;
    uint64_t index; /* of the next run */
    /* The text stores each run from index 3 on as the difference to the run two before. */
    int64_t last;
    int64_t last_but_one;
};

static bool has_next(const struct runs *runs) {
    return runs->p ? runs->p < runs->end : runs->node < runs->node_end;
}

/* Takes a signed number (rleFrString): characters from '0' on hold six bits each, low group first.
 * Bit 5 says that another character follows; bit 4 of the last one is the sign. False if the text
 * is malformed. */
static bool take_packed(struct runs *runs, int64_t *number) {
    uint64_t bits = 0;
    for (unsigned shift = 0; shift < 60 && runs->p < runs->end; shift += 5) {
        unsigned c = (unsigned)(unsigned char)*runs->p++ - '0';
        if (c > 0x3f) return false;
        bits |= (uint64_t)(c & 0x1f) << shift;
        if (c & 0x20) continue;
        if (c & 0x10) bits |= ~UINT64_C(0) << (shift + 5);
        *number = (int64_t)bits;
        return true;
    }
    return false;
}

static bool take_listed(struct runs *runs, int64_t *number) {
    uint32_t node = runs->node;
    runs->node = runs->object->nodes[node].next;
    return number_int64(runs->object, node, number) == NUMBER_OK;
}

/* Takes the next run; false if it is malformed, negative or greater than limit. */
static bool take_run(struct runs *runs, int64_t limit, int64_t *run) {
    if (!(runs->p ? take_packed(runs, run) : take_listed(runs, run))) return false;
    if (runs->p && runs->index > 2) {
        if (*run > limit || *run < -limit) return false;
        *run += runs->last_but_one;
    }
    if (*run < 0 || *run > limit) return false;
    runs->index++;
    runs->last_but_one = runs->last;
    runs->last = *run;
    return true;
}

/* ---- measuring --------------------------------------------------------------------------- */

struct extent {
    int64_t left, top, right, bottom; /* right and bottom are inclusive */
    int64_t area;
};

static const struct extent no_extent = {
    .left = INT64_MAX, .top = INT64_MAX, .right = -1, .bottom = -1};

static void widen(int64_t *least, int64_t *most, int64_t first, int64_t last) {
    if (first < *least) *least = first;
    if (last > *most) *most = last;
}

/* Adds a run of ones that starts at pixel `before`, numbered down the columns. */
static void add_ones(struct extent *extent, int64_t height, int64_t before, int64_t run) {
    int64_t last = before + run - 1;
    int64_t left = before / height;
    int64_t right = last / height;
    bool one_column = left == right;
    extent->area += run;
    widen(&extent->left, &extent->right, left, right);
    widen(&extent->top, &extent->bottom, one_column ? before % height : 0,
          one_column ? last % height : height - 1);
}

static void set_measures(struct mask *mask, const struct extent *extent) {
    mask->area = (double)extent->area;
    mask->bbox = (struct bbox){0};
    if (extent->area > 0) {
        mask->bbox = (struct bbox){(double)extent->left, (double)extent->top,
                                   (double)(extent->right - extent->left + 1),
                                   (double)(extent->bottom - extent->top + 1)};
    }
}

static bool measure(struct runs *runs, int64_t height, int64_t width, struct mask *mask,
                    struct skip *skip) {
    struct extent extent = no_extent;
    int64_t size = height * width;
    int64_t total = 0;
    while (has_next(runs)) {
        bool ones = runs->index % 2 == 1;
        int64_t run;
        if (!take_run(runs, size, &run))
            return invalid(skip, "counts holds a value that is not a valid run");
        if (run > size - total) return invalid(skip, "counts covers more pixels than size");
        if (ones && run > 0) add_ones(&extent, height, total, run);
        total += run;
    }
    if (total != size) {
        return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                        "segmentation: counts covers %" PRId64 " pixels, size %" PRId64, total,
                        size);
    }
    set_measures(mask, &extent);
    return true;
}

/* ---- an object of size and counts -------------------------------------------------------- */

static bool read_side(const struct json_value *object, uint32_t node, int64_t *side) {
    return number_int64(object, node, side) == NUMBER_OK && *side >= 0 && *side <= SIDE_MAX;
}

static bool read_size(const struct json_value *object, uint32_t node, const struct picture *picture,
                      int64_t *height, int64_t *width, struct skip *skip) {
    if (!node || object->nodes[node].type != JSON_ARRAY || json_child_count(object, node) != 2 ||
        !read_side(object, node + 1, height) || !read_side(object, node + 2, width)) {
        return invalid(skip, "size is not [height, width]");
    }
    if ((picture->height > 0 && *height != picture->height) ||
        (picture->width > 0 && *width != picture->width)) {
        return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                        "segmentation: size is %" PRId64 " x %" PRId64 ", the image %" PRId32
                        " x %" PRId32 " (height x width)",
                        *height, *width, picture->height, picture->width);
    }
    return true;
}

/* Finds the compressed text of the runs, unescaped. */
static bool packed_text(const struct json_value *object, uint32_t node, struct buf *scratch,
                        struct slice *text) {
    const struct json_node *n = &object->nodes[node];
    *text = (struct slice){object->text + n->start, n->end - n->start};
    if (!n->escaped) return true;
    buf_reset(scratch);
    if (!json_unescape(object, node, scratch)) return false;
    *text = (struct slice){scratch->data ? scratch->data : "", scratch->len};
    return true;
}

static bool read_rle(const struct json_value *object, uint32_t node, const struct picture *picture,
                     struct buf *scratch, struct mask *mask, struct skip *skip) {
    uint32_t counts = json_member(object, node, "counts");
    struct runs runs = {.object = object};
    int64_t height = 1; /* static analysis does not see that read_size sets them */
    int64_t width = 1;
    mask->kind = MASK_RLE;
    if (!read_size(object, json_member(object, node, "size"), picture, &height, &width, skip)) {
        return false;
    }
    mask->size = (struct picture){.width = (int32_t)width, .height = (int32_t)height};
    if (counts && object->nodes[counts].type == JSON_ARRAY) {
        runs.node = counts + 1;
        runs.node_end = object->nodes[counts].next;
    } else if (counts && object->nodes[counts].type == JSON_STRING) {
        struct slice text;
        if (!packed_text(object, counts, scratch, &text)) {
            return invalid(skip, "counts holds a value that is not a valid run");
        }
        runs.p = text.data;
        runs.end = text.data + text.len;
    } else {
        return invalid(skip, "counts is neither a string nor an array");
    }
    return measure(&runs, height, width, mask, skip);
}

/* ---- polygons ---------------------------------------------------------------------------- */

static bool check_polygon(const struct json_value *object, uint32_t node, struct skip *skip) {
    if (object->nodes[node].type != JSON_ARRAY) return invalid(skip, "a polygon is not an array");
    uint32_t count = 0;
    for (uint32_t i = node + 1; i < object->nodes[node].next; i = object->nodes[i].next, count++) {
        double ignored;
        if (number_double(object, i, &ignored) != NUMBER_OK) {
            return invalid(skip, "a polygon holds a value that is not a finite number");
        }
    }
    if (count >= 6 && count % 2 == 0) return true;
    if (count == 0) return true; /* some tools write [[]] for "no mask" */
    return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                    "segmentation: a polygon has %" PRIu32 " numbers, not three or more pairs",
                    count);
}

static bool read_polygons(const struct json_value *object, uint32_t node, struct mask *mask,
                          struct skip *skip) {
    mask->kind = MASK_NONE;
    for (uint32_t i = node + 1; i < object->nodes[node].next; i = object->nodes[i].next) {
        if (!check_polygon(object, i, skip)) return false;
        if (json_child_count(object, i) > 0) mask->kind = MASK_POLYGONS;
    }
    return true;
}

/* The node must be a number; check_polygon has tested that. */
static double coordinate(const struct json_value *object, uint32_t node) {
    double number = 0;
    (void)number_double(object, node, &number);
    return number;
}

static bool is_end(const struct json_value *object, uint32_t list, uint32_t node) {
    return node >= object->nodes[list].next;
}

/* Grows *height and *width to hold all corners of a segmentation. */
static void hold_corners(const struct json_value *object, uint32_t node, double *height,
                         double *width) {
    for (uint32_t list = node + 1; !is_end(object, node, list); list = object->nodes[list].next) {
        for (uint32_t i = list + 1; !is_end(object, list, i); i += 2) {
            *width = fmax(*width, coordinate(object, i));
            *height = fmax(*height, coordinate(object, i + 1));
        }
    }
}

/* Finds the size of the image. Where it is not known, makes it large enough for all corners. */
static bool find_sides(const struct json_value *object, uint32_t node,
                       const struct picture *picture, int64_t *height, int64_t *width,
                       struct skip *skip) {
    bool known = picture->height > 0 && picture->width > 0;
    double high = 1;
    double wide = 1;
    if (!known) hold_corners(object, node, &high, &wide);
    if (picture->height > 0) high = picture->height;
    if (picture->width > 0) wide = picture->width;
    if (high > SIDE_MAX || wide > SIDE_MAX) {
        return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                        "segmentation: polygons need an image of more than %d pixels a side",
                        SIDE_MAX);
    }
    *height = (int64_t)ceil(high);
    *width = (int64_t)ceil(wide);
    return true;
}

static bool draw_polygon(struct polygons *polygons, const struct json_value *object,
                         uint32_t list) {
    for (uint32_t i = list + 1; !is_end(object, list, i); i += 2) {
        if (!polygons_corner(polygons, coordinate(object, i), coordinate(object, i + 1))) {
            return false;
        }
    }
    return polygons_close(polygons);
}

static bool refuse_outlines(const struct polygons *polygons, struct skip *skip) {
    if (polygons->limit == POLYGONS_SPENT) {
        return skip_row(skip, SKIP_OUT_OF_RANGE,
                        "segmentation: the outlines of the upload cross more than %d columns of "
                        "pixels for each of its bytes; give rows a bbox, or send it uncompressed",
                        WORK_PER_BYTE);
    }
    return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                    "segmentation: outlines cross more than %zu columns of pixels",
                    polygons->crossings->max);
}

static bool draw_polygons(struct polygons *polygons, const struct json_value *object, uint32_t node,
                          struct skip *skip) {
    for (uint32_t list = node + 1; !is_end(object, node, list); list = object->nodes[list].next) {
        if (!draw_polygon(polygons, object, list)) return refuse_outlines(polygons, skip);
    }
    return true;
}

/* Adds the pixels of a column from one crossing to before another. */
static void add_run(struct extent *extent, const struct polygons *polygons, int64_t start,
                    int64_t end) {
    int64_t column = polygons_column(polygons, start);
    int64_t top = polygons_row(polygons, start);
    int64_t bottom = polygons_row(polygons, end) - 1;
    extent->area += bottom - top + 1;
    widen(&extent->left, &extent->right, column, column);
    widen(&extent->top, &extent->bottom, top, bottom);
}

bool rle_measure_polygons(const struct json_value *object, uint32_t node,
                          const struct picture *picture, struct crossings *crossings,
                          struct mask *mask, struct skip *skip) {
    struct polygons polygons;
    struct extent extent = no_extent;
    int64_t height = 1; /* static analysis does not see that find_sides sets them */
    int64_t width = 1;
    size_t count;
    if (!find_sides(object, node, picture, &height, &width, skip)) return false;
    polygons_init(&polygons, height, width, crossings);
    if (!draw_polygons(&polygons, object, node, skip)) return false;
    const int64_t *ends = polygons_union(&polygons, &count);
    for (size_t i = 0; i < count; i += 2) add_run(&extent, &polygons, ends[i], ends[i + 1]);
    set_measures(mask, &extent);
    return true;
}

bool rle_read(const struct json_value *object, uint32_t node, const struct picture *picture,
              struct buf *scratch, struct mask *mask, struct skip *skip) {
    *mask = (struct mask){.kind = MASK_NONE};
    switch (object->nodes[node].type) {
    case JSON_NULL:
        return true;
    case JSON_ARRAY:
        return read_polygons(object, node, mask, skip);
    case JSON_OBJECT:
        return read_rle(object, node, picture, scratch, mask, skip);
    default:
        return skip_row(skip, SKIP_INVALID_SEGMENTATION, "segmentation is %s",
                        json_type_name(object->nodes[node].type));
    }
}
