/* Packs masks and intersects them: see masks.h. */
#include "evaluation/masks.h"

#include <stdlib.h>
#include <string.h>

#include "coco/extent.h"
#include "evaluation/memory.h"

enum {
    FIRST_MASKS = 1024,
    FIRST_ENDS = 64 * 1024,
    DEPTH_MAX = 16 /* of a segmentation's JSON; a mask needs three */
};

void masks_init(struct masks *masks) {
    *masks = (struct masks){.work = {.received = &masks->bytes}};
    run_ends_init(&masks->reader, &masks->work);
    number_lists_init(&masks->lists);
    json_parser_init(&masks->parser, DEPTH_MAX);
}

void masks_finish(struct masks *masks) {
    run_ends_free(&masks->reader);
    number_lists_free(&masks->lists);
    json_parser_free(&masks->parser);
}

void masks_free(struct masks *masks) {
    masks_finish(masks);
    free(masks->truths.list);
    free(masks->detections.list);
    free(masks->ends);
    masks->truths = masks->detections = (struct mask_list){0};
    masks->ends = NULL;
    masks->end_count = masks->end_cap = 0;
}

/* ---- memory ------------------------------------------------------------------------------ */

static bool reserve_ends(struct masks *masks, size_t more, struct err *err) {
    size_t cap = masks->end_cap ? masks->end_cap : FIRST_ENDS;
    if (more <= masks->end_cap - masks->end_count) return true;
    while (cap - masks->end_count < more) cap += cap / 2;
    uint32_t *ends = reallocarray(masks->ends, cap, sizeof *ends);
    if (!ends) return memory_is_out(err);
    masks->ends = ends;
    masks->end_cap = cap;
    return true;
}

static bool add_mask(struct mask_list *masks, const struct packed_mask *mask, struct err *err) {
    struct packed_mask *list =
        memory_grow(masks->list, masks->count, &masks->cap, sizeof *list, FIRST_MASKS, err);
    if (!list) return false;
    masks->list = list;
    list[masks->count++] = *mask;
    return true;
}

/* ---- adding ------------------------------------------------------------------------------ */

/* Sets area, box and has_gap of a mask that has runs. */
static void measure(struct packed_mask *mask, const uint32_t *ends) {
    struct extent extent = extent_empty;
    uint32_t size = ends[mask->count - 1];
    extent_add_ends(&extent, mask->height, ends, mask->count);
    for (uint32_t i = 1; i < mask->count; i++) {
        mask->has_gap |= (ends[i] == ends[i - 1]) & (ends[i] < size); /* not a branch */
    }
    mask->area = (uint64_t)extent.area;
    if (extent.area == 0) return;
    mask->box = (struct pixel_box){(uint32_t)extent.left, (uint32_t)extent.top,
                                   (uint32_t)extent.right + 1, (uint32_t)extent.bottom + 1};
}

/* Packs the mask that the reader has read. */
static bool pack_runs(struct masks *masks, struct packed_mask *mask, struct err *err) {
    const struct run_ends *reader = &masks->reader;
    if (!reserve_ends(masks, reader->count, err)) return false;
    *mask = (struct packed_mask){.first = masks->end_count,
                                 .count = (uint32_t)reader->count,
                                 .height = reader->height,
                                 .width = reader->width};
    if (reader->count == 0) return true;
    measure(mask, reader->list);
    if (mask->area == 0) {
        mask->count = 0;
        return true;
    }
    memcpy(masks->ends + masks->end_count, reader->list, reader->count * sizeof *reader->list);
    masks->end_count += reader->count;
    return true;
}

static void pack_box(const struct bbox *bbox, const struct picture *picture,
                     struct packed_mask *mask) {
    uint32_t height = picture->height > 0 ? (uint32_t)picture->height : UNKNOWN_SIDE;
    uint32_t width = picture->width > 0 ? (uint32_t)picture->width : UNKNOWN_SIDE;
    struct pixel_box box =
        pixel_box_draw(bbox->x, bbox->y, bbox->x + bbox->w, bbox->y + bbox->h, height, width);
    *mask = (struct packed_mask){.height = height, .width = width, .box = box};
    mask->area = (uint64_t)(box.right - box.left) * (box.bottom - box.top);
}

enum reading {
    READ,
    NOTHING_THERE,
    UNREADABLE,
    FAILED
};

static enum reading outcome(const struct masks *masks, bool good, enum mask_kind kind,
                            struct err *err) {
    if (good) return kind == MASK_NONE ? NOTHING_THERE : READ;
    if (!masks->reader.failed) return UNREADABLE;
    memory_is_out(err);
    return FAILED;
}

static enum reading read_mask(struct masks *masks, struct slice text, const struct picture *picture,
                              enum mask_kind *kind, struct err *err) {
    struct number_lists *lists = &masks->lists;
    struct json_value value;
    struct skip skip;
    *kind = MASK_NONE;
    masks->bytes += text.len;
    if (!text.data || (text.len == 4 && memcmp(text.data, "null", 4) == 0)) return NOTHING_THERE;
    if (number_lists_read(lists, text) && lists->is_nested && lists->count > 0) {
        *kind = MASK_POLYGONS;
        return outcome(masks, run_ends_draw(&masks->reader, lists, picture, &skip), *kind, err);
    }
    if (!json_parser_read(&masks->parser, text, &value, err)) {
        return err->code == ERR_BUSY ? FAILED : UNREADABLE;
    }
    bool good = run_ends_read(&masks->reader, &value, 0, picture, kind, &skip);
    return outcome(masks, good, *kind, err);
}

static bool add(struct masks *masks, struct mask_list *list, struct slice text,
                const struct bbox *bbox, const struct picture *picture, struct err *err) {
    struct packed_mask mask;
    enum mask_kind kind;
    enum reading reading = read_mask(masks, text, picture, &kind, err);
    bool is_box = reading == NOTHING_THERE || reading == UNREADABLE;
    if (reading == FAILED || (!is_box && !pack_runs(masks, &mask, err))) return false;
    if (is_box) pack_box(bbox, picture, &mask);
    bool drawn = is_box || kind == MASK_POLYGONS;
    masks->unsized += drawn && (picture->height <= 0 || picture->width <= 0);
    masks->unreadable += reading == UNREADABLE;
    masks->truths_without += reading == NOTHING_THERE && list == &masks->truths;
    return add_mask(list, &mask, err);
}

bool masks_add_truth(struct masks *masks, struct slice segmentation, const struct bbox *bbox,
                     const struct picture *picture, struct err *err) {
    return add(masks, &masks->truths, segmentation, bbox, picture, err);
}

bool masks_add_detection(struct masks *masks, struct slice segmentation, const struct bbox *bbox,
                         const struct picture *picture, struct err *err) {
    return add(masks, &masks->detections, segmentation, bbox, picture, err);
}

/* offset: where the ends of `more` are now. */
static bool append_list(struct mask_list *list, const struct mask_list *more, size_t offset,
                        struct err *err) {
    for (size_t i = 0; i < more->count; i++) {
        struct packed_mask mask = more->list[i];
        mask.first += offset;
        if (!add_mask(list, &mask, err)) return false;
    }
    return true;
}

bool masks_append(struct masks *masks, const struct masks *others, struct err *err) {
    size_t offset = masks->end_count;
    if (!reserve_ends(masks, others->end_count, err) ||
        !append_list(&masks->truths, &others->truths, offset, err) ||
        !append_list(&masks->detections, &others->detections, offset, err)) {
        return false;
    }
    if (others->end_count > 0) {
        memcpy(masks->ends + offset, others->ends, others->end_count * sizeof *masks->ends);
    }
    masks->end_count += others->end_count;
    masks->truths_without += others->truths_without;
    masks->unreadable += others->unreadable;
    masks->unsized += others->unsized;
    return true;
}

/* ---- intersections ----------------------------------------------------------------------- */

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t most(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* The runs of ones of a mask: run i begins at ends[2 * i] and ends before ends[2 * i + 1]. */
struct ones {
    const uint32_t *ends;
    size_t count;
};

static struct ones ones_of(const struct masks *masks, const struct packed_mask *mask) {
    return (struct ones){masks->ends + mask->first, mask->count / 2};
}

/* Drops the runs that end at or before a pixel. */
static struct ones ones_from(struct ones ones, uint32_t pixel) {
    size_t low = 0;
    size_t high = ones.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ones.ends[2 * middle + 1] <= pixel) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (struct ones){ones.ends + 2 * low, ones.count - low};
}

static uint64_t common_pixels(struct ones a, struct ones b) {
    uint64_t common = 0;
    size_t i = 0;
    size_t j = 0;
    if (a.count == 0 || b.count == 0) return 0;
    uint32_t first = most(a.ends[0], b.ends[0]);
    a = ones_from(a, first);
    b = ones_from(b, first);
    while (i < a.count && j < b.count) {
        uint32_t start = most(a.ends[2 * i], b.ends[2 * j]);
        uint32_t a_end = a.ends[2 * i + 1];
        uint32_t b_end = b.ends[2 * j + 1];
        uint32_t end = least(a_end, b_end);
        common += end > start ? end - start : 0;
        i += a_end == end; /* not branches: they could not be predicted */
        j += b_end == end;
    }
    return common;
}

/* Counts the pixels of a box before a pixel, down the columns. */
static uint64_t box_pixels_before(const struct pixel_box *box, uint32_t height, uint32_t pixel) {
    uint32_t column = pixel / height;
    uint32_t row = pixel % height;
    uint64_t rows = box->bottom - box->top;
    if (column < box->left) return 0;
    if (column >= box->right) return rows * (box->right - box->left);
    uint32_t above = row > box->top ? least(row, box->bottom) - box->top : 0;
    return rows * (column - box->left) + above;
}

static uint64_t common_with_box(struct ones ones, const struct pixel_box *box, uint32_t height) {
    uint64_t common = 0;
    uint32_t first = box->left * height;
    uint64_t behind = (uint64_t)box->right * height;
    ones = ones_from(ones, first);
    for (size_t i = 0; i < ones.count && ones.ends[2 * i] < behind; i++) {
        common += box_pixels_before(box, height, ones.ends[2 * i + 1]) -
                  box_pixels_before(box, height, ones.ends[2 * i]);
    }
    return common;
}

/* Returns the pixels that both boxes have. */
static uint64_t common_box(const struct pixel_box *a, const struct pixel_box *b) {
    uint32_t left = most(a->left, b->left);
    uint32_t top = most(a->top, b->top);
    uint32_t right = least(a->right, b->right);
    uint32_t bottom = least(a->bottom, b->bottom);
    return left < right && top < bottom ? (uint64_t)(right - left) * (bottom - top) : 0;
}

static uint64_t intersect(const struct masks *masks, const struct packed_mask *a,
                          const struct packed_mask *b) {
    uint64_t boxes = common_box(&a->box, &b->box);
    if (boxes == 0 || (a->count == 0 && b->count == 0)) return boxes;
    if (a->count == 0) return common_with_box(ones_of(masks, b), &a->box, a->height);
    if (b->count == 0) return common_with_box(ones_of(masks, a), &b->box, b->height);
    return common_pixels(ones_of(masks, a), ones_of(masks, b));
}

/* ---- empty runs -------------------------------------------------------------------------- */

/* What rleIou walks over: the rest of a run, and whether it is one of ones. */
struct walk {
    const uint32_t *ends;
    uint32_t count;
    uint32_t next;
    uint32_t left;
    bool is_on;
};

static struct walk walk_begin(const struct masks *masks, const struct packed_mask *mask) {
    const uint32_t *ends = masks->ends + mask->first;
    return (struct walk){.ends = ends, .count = mask->count, .next = 1, .left = ends[0]};
}

static void walk_on(struct walk *walk, uint32_t pixels) {
    walk->left -= pixels;
    if (walk->left > 0 || walk->next == walk->count) return;
    walk->left = walk->ends[walk->next] - walk->ends[walk->next - 1];
    walk->is_on = !walk->is_on;
    walk->next++;
}

/* rleIou stops where both masks come to an empty run at once, and so counts only the pixels before.
 * Encoders write no empty run but the first, so this is for masks that were made by hand. */
static void count_before_gap(const struct masks *masks, const struct packed_mask *a,
                             const struct packed_mask *b, uint64_t *common, uint64_t *any) {
    struct walk x = walk_begin(masks, a);
    struct walk y = walk_begin(masks, b);
    *common = *any = 0;
    do {
        uint32_t pixels = least(x.left, y.left);
        if (x.is_on && y.is_on) *common += pixels;
        if (x.is_on || y.is_on) *any += pixels;
        walk_on(&x, pixels);
        walk_on(&y, pixels);
    } while (x.left > 0 || y.left > 0);
}

double overlap_of_masks(const void *self, const struct objects *objects, uint32_t detection,
                        uint32_t truth) {
    const struct masks *masks = self;
    const struct truth *other = &objects->truths[truth];
    const struct packed_mask *a = &masks->detections.list[objects->detections[detection].row];
    const struct packed_mask *b = &masks->truths.list[other->row];
    if (a->height != b->height || a->width != b->width) return -1;
    uint64_t common = intersect(masks, a, b);
    uint64_t any = a->area + b->area - common;
    if (common == 0) return 0;
    if (a->has_gap && b->has_gap) count_before_gap(masks, a, b, &common, &any);
    if (common == 0) return 0;
    return (double)common / (double)(other->is_crowd ? a->area : any);
}
