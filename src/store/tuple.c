/* Writes rows as binary tuples: see tuple.h. Big-endian; a length before each value, -1
 * for null. */
#include "store/tuple.h"

#include <endian.h>
#include <string.h>

static char *put16(char *p, uint16_t v) {
    v = htobe16(v);
    memcpy(p, &v, sizeof v);
    return p + sizeof v;
}

static char *put32(char *p, uint32_t v) {
    v = htobe32(v);
    memcpy(p, &v, sizeof v);
    return p + sizeof v;
}

static char *put64(char *p, uint64_t v) {
    v = htobe64(v);
    memcpy(p, &v, sizeof v);
    return p + sizeof v;
}

static char *put_null(char *p) {
    return put32(p, UINT32_MAX);
}

static char *put_int8(char *p, int64_t v) {
    return put64(put32(p, 8), (uint64_t)v);
}

static char *put_int4(char *p, int32_t v) {
    return put32(put32(p, 4), (uint32_t)v);
}

static char *put_int4_or_null(char *p, bool has, int32_t v) {
    return has ? put_int4(p, v) : put_null(p);
}

static char *put_float8(char *p, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return put64(put32(p, 8), bits);
}

static char *put_float8_or_null(char *p, bool has, double v) {
    return has ? put_float8(p, v) : put_null(p);
}

static char *put_int8_or_null(char *p, bool has, int64_t v) {
    return has ? put_int8(p, v) : put_null(p);
}

static char *put_true(char *p) {
    p = put32(p, 1);
    *p = 1;
    return p + 1;
}

static void put_bool(struct copy *copy, bool v) {
    *put32(copy_reserve(copy, 5), 1) = v ? 1 : 0;
}

/* text and json have the same form: their bytes. A value is part of an element, far below 2 GiB. */
static void put_slice(struct copy *copy, struct slice v) {
    put32(copy_reserve(copy, 4), v.data ? (uint32_t)v.len : UINT32_MAX);
    copy_put(copy, v.data, v.data ? v.len : 0);
}

#define BOX_COLUMNS \
    "annotation_id, image_id, bbox_x, bbox_y, bbox_w, bbox_h, area, confidence, category_id"
#define SHAPE_COLUMNS BOX_COLUMNS ", segmentation, keypoints, extra"

const char tuple_box_columns[] = BOX_COLUMNS;
const char tuple_detection_columns[] = SHAPE_COLUMNS ", bbox_derived";
const char tuple_late_columns[] =
    SHAPE_COLUMNS ", bbox_derived, bbox_drawn, rle_height, rle_width, own_image, own_category";
#define ANNOTATION_COLUMNS SHAPE_COLUMNS ", is_crowd, area_derived"
const char tuple_annotation_columns[] = ANNOTATION_COLUMNS;
const char tuple_unfinished_columns[] =
    ANNOTATION_COLUMNS ", bbox_derived, numbered, place, image_text, mask_bytes";

enum {
    BOX_COUNT = 9,
    DETECTION_COUNT = 13,
    ANNOTATION_COUNT = 14,
    UNFINISHED_COUNT = 19,
    LATE_COUNT = 18,
    BOX_MAX = 2 + 8 * 12 + 8 /* bytes */
};

/* Writes the columns of a box, in a tuple of `columns` columns. */
static void put_box(struct copy *copy, const struct annotation *row, uint16_t columns) {
    char *p = put16(copy_reserve(copy, BOX_MAX), columns);
    char *start = p - 2;
    p = put_int8(p, row->annotation_id);
    p = put_int8(p, row->image_id);
    p = put_float8(p, row->bbox.x);
    p = put_float8(p, row->bbox.y);
    p = put_float8(p, row->bbox.w);
    p = put_float8(p, row->bbox.h);
    p = put_float8_or_null(p, row->has_area, row->area);
    p = put_float8_or_null(p, row->has_confidence, row->confidence);
    p = put_int4(p, row->category_id);
    copy_give_back(copy, BOX_MAX - (size_t)(p - start));
}

static void put_shape(struct copy *copy, const struct annotation *row, uint16_t columns) {
    put_box(copy, row, columns);
    put_slice(copy, row->segmentation);
    put_slice(copy, row->keypoints);
    put_slice(copy, row->extra);
}

void tuple_put_box(struct copy *copy, const struct annotation *row) {
    put_box(copy, row, BOX_COUNT);
}

void tuple_put_detection(struct copy *copy, const struct annotation *row) {
    put_shape(copy, row, DETECTION_COUNT);
    put_bool(copy, row->bbox_derived);
}

void tuple_put_late(struct copy *copy, const struct annotation *row, bool own_image,
                    bool own_category) {
    put_shape(copy, row, LATE_COUNT);
    put_bool(copy, row->bbox_derived);
    put_bool(copy, row->bbox_drawn);
    put_int4(copy_reserve(copy, 8), row->rle_size.height);
    put_int4(copy_reserve(copy, 8), row->rle_size.width);
    put_bool(copy, own_image);
    put_bool(copy, own_category);
}

static void put_annotation(struct copy *copy, const struct annotation *row, uint16_t columns) {
    put_shape(copy, row, columns);
    put_bool(copy, row->is_crowd);
    put_bool(copy, row->area_derived);
}

void tuple_put_annotation(struct copy *copy, const struct annotation *row) {
    put_annotation(copy, row, ANNOTATION_COUNT);
}

void tuple_put_unfinished(struct copy *copy, const struct dataset_annotation *annotation,
                          bool numbered, uint64_t place) {
    const struct annotation *row = &annotation->row;
    put_annotation(copy, row, UNFINISHED_COUNT);
    put_bool(copy, row->bbox_derived);
    put_bool(copy, numbered);
    put_int8(copy_reserve(copy, 12), (int64_t)place);
    put_slice(copy, annotation->image_text);
    if (annotation->needs_mask) {
        put_int8(copy_reserve(copy, 12), (int64_t)row->segmentation.len);
    } else {
        put_null(copy_reserve(copy, 4));
    }
}

const char tuple_image_columns[] =
    "image_id, width, height, index, byte_offset, text_id, file_name, extra";

void tuple_put_image(struct copy *copy, const struct image *row, uint64_t index, uint64_t offset) {
    char fixed[2 + 12 * 5];
    char *p = put16(fixed, 8);
    p = row->has_number ? put_int8(p, row->image_id) : put_null(p);
    p = put_int4_or_null(p, row->has_width, row->width);
    p = put_int4_or_null(p, row->has_height, row->height);
    p = put_int8(p, (int64_t)index);
    p = put_int8(p, (int64_t)offset);
    copy_put(copy, fixed, (size_t)(p - fixed));
    put_slice(copy, row->text_id);
    put_slice(copy, row->file_name);
    put_slice(copy, row->extra);
}

const char tuple_category_columns[] = "category_id, index, byte_offset, name, supercategory, extra";

void tuple_put_category(struct copy *copy, const struct category *row, uint64_t index,
                        uint64_t offset) {
    char fixed[2 + 12 * 3];
    char *p = put16(fixed, 6);
    p = put_int4(p, row->category_id);
    p = put_int8(p, (int64_t)index);
    p = put_int8(p, (int64_t)offset);
    copy_put(copy, fixed, (size_t)(p - fixed));
    put_slice(copy, row->name);
    put_slice(copy, row->supercategory);
    put_slice(copy, row->extra);
}

const char tuple_match_columns[] =
    "annotation_id, truth_id, image_id, confidence, iou, category_id, truth_category_id, "
    "confused_category_id, found_by, confused_confidence, left_out, outcome";

enum {
    MATCH_COUNT = 12,
    MATCH_MAX = 2 + 7 * 12 + 3 * 8 + 5 /* bytes, without the outcome */
};

void tuple_put_match(struct copy *copy, const struct match_row *row) {
    char *start = copy_reserve(copy, MATCH_MAX);
    char *p = put16(start, MATCH_COUNT);
    bool truth = row->is_truth;
    p = put_int8_or_null(p, !truth, row->id);
    p = put_int8_or_null(p, truth || row->has_other, truth ? row->id : row->other_id);
    p = put_int8(p, row->image_id);
    p = put_float8_or_null(p, !truth, row->confidence);
    p = put_float8_or_null(p, row->has_other, row->iou);
    p = put_int4(p, row->category_id);
    p = put_int4_or_null(p, truth || row->has_other,
                         truth ? row->category_id : row->other_category_id);
    p = put_int4_or_null(p, row->is_confused, row->confused_category_id);
    p = put_int8_or_null(p, truth && row->has_other, row->other_id);
    p = put_float8_or_null(p, truth && row->is_confused, row->confused_confidence);
    p = row->is_left_out ? put_true(p) : put_null(p);
    copy_give_back(copy, MATCH_MAX - (size_t)(p - start));
    put_slice(copy, (struct slice){row->outcome, strlen(row->outcome)});
}

const char tuple_curves_columns[] = "evaluation_id, category_id, precision, scores";

enum {
    FLOAT8 = 701, /* pg_type.oid */
    ELEMENT = 12, /* bytes of an element of float8[] */
    ARRAY_HEAD = 28
};

/* A value of type float8[] with two dimensions, as array_recv reads it. */
static void put_lists(struct copy *copy, size_t rows, size_t points, const double *const *lists) {
    size_t len = ARRAY_HEAD + rows * points * ELEMENT;
    char *p = put32(copy_reserve(copy, 4 + len), (uint32_t)len);
    p = put32(put32(put32(p, 2), 0), FLOAT8); /* dimensions, no nulls, the type */
    p = put32(put32(p, (uint32_t)rows), 1);   /* length and first index of each */
    p = put32(put32(p, (uint32_t)points), 1);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < points; j++) p = put_float8(p, lists[i][j]);
    }
}

void tuple_put_curves(struct copy *copy, int64_t evaluation_id, int32_t category_id, size_t rows,
                      size_t points, const double *const *precision, const double *const *scores) {
    put_int4(put_int8(put16(copy_reserve(copy, 2 + 12 + 8), 4), evaluation_id), category_id);
    put_lists(copy, rows, points, precision);
    put_lists(copy, rows, points, scores);
}
