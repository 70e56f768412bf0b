/*
 * From JSON to COPY tuples: what a row becomes, and why it is skipped. The sizes of window and
 * reads must make no difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coco/dataset.h"
#include "coco/results.h"
#include "import/skips.h"
#include "source.h"
#include "store/tuple.h"
#include "json/document.h"

/* ---- one row ----------------------------------------------------------------------------- */

struct one_row {
    struct document document;
    struct source source;
    struct json_value element;
    struct buf extra;
    struct buf masks;
    struct dataset_scratch scratch;
    struct annotation row;
    struct skip skip;
    struct err err;
};

/* Reads a row like the load does, for images of unknown size. */
static bool read_row(const struct json_value *element, struct annotation *annotation,
                     struct buf *extra, struct buf *masks, struct skip *skip) {
    struct results_row row = {.extra = extra, .scratch = masks};
    struct picture picture = {0, 0};
    return results_read_ids(&row, element, annotation, skip) &&
           results_read_shape(&row, &picture, annotation, skip);
}

static void open_row(struct one_row *one, const char *text) {
    bool more;
    source_init(&one->source, text, strlen(text), strlen(text), strlen(text));
    memset(&one->row, 0, sizeof one->row);
    buf_init(&one->extra, 1 << 20);
    buf_init(&one->masks, 1 << 20);
    dataset_scratch_init(&one->scratch, 1 << 20);
    assert_true(
        document_open(&one->document, &one->source.reader, &json_default_limits, &one->err));
    assert_true(document_enter_array(&one->document, &one->err));
    assert_true(document_next_element(&one->document, &one->element, &more, &one->err));
    assert_true(more);
}

static void close_row(struct one_row *one) {
    document_close(&one->document);
    buf_free(&one->extra);
    buf_free(&one->masks);
    dataset_scratch_free(&one->scratch);
}

typedef void put_tuple(struct copy *copy, const struct annotation *row);

/* The tuple must be the number of columns, the columns of the box, and these bytes. */
static void assert_tuple(put_tuple *put, const struct annotation *row, unsigned char columns,
                         const char *more, size_t more_len) {
    static const unsigned char box[] = {
        0, 0, 0, 8, 0,    0,    0, 0,  0, 0, 0, 7,  /* annotation_id 7 */
        0, 0, 0, 8, 0,    0,    0, 0,  0, 0, 0, 42, /* image_id 42 */
        0, 0, 0, 8, 0x3f, 0xf8, 0, 0,  0, 0, 0, 0,  /* x 1.5 */
        0, 0, 0, 8, 0xc0, 0,    0, 0,  0, 0, 0, 0,  /* y -2 */
        0, 0, 0, 8, 0x40, 0x08, 0, 0,  0, 0, 0, 0,  /* w 3 */
        0, 0, 0, 8, 0x40, 0x10, 0, 0,  0, 0, 0, 0,  /* h 4 */
        0, 0, 0, 8, 0x40, 0x28, 0, 0,  0, 0, 0, 0,  /* area 12 */
        0, 0, 0, 8, 0x3f, 0xe0, 0, 0,  0, 0, 0, 0,  /* confidence 0.5 */
        0, 0, 0, 4, 0,    0,    0, 18,              /* category_id 18 */
    };
    char block[COPY_BLOCK];
    struct copy copy = {.block = block, .open = true};
    put(&copy, row);
    assert_int_equal(copy.len, 2 + sizeof box + more_len);
    assert_int_equal(copy.block[0], 0);
    assert_int_equal(copy.block[1], columns);
    assert_memory_equal(copy.block + 2, box, sizeof box);
    assert_memory_equal(copy.block + 2 + sizeof box, more, more_len);
}

static void put_late(struct copy *copy, const struct annotation *row) {
    tuple_put_late(copy, row, true, false);
}

static void a_prediction_becomes_one_binary_tuple(void **state) {
    (void)state;
    static const char json[] = "\0\0\0\4[[]]"                    /* segmentation as in the file */
                               "\377\377\377\377"                /* keypoints: null */
                               "\0\0\0\x11{\"k\":1,\"area\":99}" /* extra */
                               "\0\0\0\1\0"                      /* bbox_derived */
        ;
    static const char truth[] = "\0\0\0\4[[]]"
                                "\377\377\377\377"
                                "\0\0\0\x11{\"k\":1,\"area\":99}"
                                "\0\0\0\1\0"  /* is_crowd */
                                "\0\0\0\1\0"; /* area_derived */
    static const char late[] = "\0\0\0\4[[]]"
                               "\377\377\377\377"
                               "\0\0\0\x11{\"k\":1,\"area\":99}"
                               "\0\0\0\1\0"               /* bbox_derived */
                               "\0\0\0\1\0"               /* bbox_drawn */
                               "\0\0\0\4\377\377\377\377" /* rle_height: no RLE */
                               "\0\0\0\4\377\377\377\377" /* rle_width */
                               "\0\0\0\1\1"               /* own_image */
                               "\0\0\0\1"; /* own_category; its value is the closing NUL */
    struct one_row one;
    open_row(&one, "[{\"image_id\": 42, \"category_id\": 18, \"bbox\": [1.5, -2, 3e0, 4.0],"
                   " \"score\": 0.5, \"segmentation\": [[]], \"keypoints\": null,"
                   " \"k\": 1, \"area\": 99}]");
    assert_true(read_row(&one.element, &one.row, &one.extra, &one.masks, &one.skip));
    one.row.annotation_id = 7;
    assert_tuple(tuple_put_box, &one.row, 9, json, 0);
    assert_tuple(tuple_put_detection, &one.row, 13, json, sizeof json - 1);
    assert_tuple(tuple_put_annotation, &one.row, 14, truth, sizeof truth - 1);
    assert_tuple(put_late, &one.row, 18, late, sizeof late);
    close_row(&one);
}

/* ---- reasons ----------------------------------------------------------------------------- */

struct reason_case {
    const char *row;
    int reason; /* -1 if accepted */
};

#define REST "\"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"score\": 0.5}"
#define BOX(box) "{\"image_id\": 1, \"category_id\": 1, \"score\": 0.5, \"bbox\": " box "}"

static const struct reason_case result_cases[] = {
    {"{\"image_id\": 1, " REST, -1},
    {"{\"image_id\": 42.0, " REST, -1},
    {"{\"image_id\": 1e3, " REST, -1},
    {"{\"image_id\": 9223372036854775807, " REST, -1},
    {"{\"\\u0069mage_id\": 1, " REST, -1},
    {"{\"image_id\": \"x\", \"image_id\": 2, " REST, -1},
    {"{\"image_id\": 1, \"note\": \"\\ud800\\u0000\", " REST, -1},
    {BOX("[0, 0, 0, 0]"), -1},
    {BOX("[-5.5, -1e-9, 3, 4]"), -1},
    {"{" REST, SKIP_MISSING_FIELD},
    {"{\"image_id\": null, " REST, SKIP_MISSING_FIELD},
    {"{\"image_id\": 1, \"category_id\": 1, \"score\": 1}", SKIP_MISSING_FIELD},
    {"{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}", SKIP_MISSING_FIELD},
    {BOX("[]"), SKIP_MISSING_FIELD},
    {"{\"image_id\": \"1\", " REST, -1},
    {"{\"image_id\": \"99999999999999999999\", " REST, -1}, /* a name */
    {"{\"image_id\": [1], " REST, SKIP_WRONG_TYPE},
    {"{\"image_id\": 1.5, " REST, SKIP_WRONG_TYPE},
    {"{\"image_id\": true, " REST, SKIP_WRONG_TYPE},
    {"{\"image_id\": [1], " REST, SKIP_WRONG_TYPE},
    {BOX("\"1 2 3 4\""), SKIP_WRONG_TYPE},
    {BOX("{\"x\": 1}"), SKIP_WRONG_TYPE},
    {"7", SKIP_WRONG_TYPE},
    {"[{}]", SKIP_WRONG_TYPE},
    {"null", SKIP_WRONG_TYPE},
    {"{\"image_id\": NaN, " REST, SKIP_NON_FINITE},
    {"{\"image_id\": 1, \"deep\": [{\"x\": -Infinity}], " REST, SKIP_NON_FINITE},
    {BOX("[Infinity, Infinity, -Infinity, -Infinity]"), SKIP_NON_FINITE},
    {BOX("[1, 2, 3]"), SKIP_INVALID_BBOX},
    {BOX("[1, 2, 3, 4, 5]"), SKIP_INVALID_BBOX},
    {BOX("[1, 2, \"3\", 4]"), -1},
    {BOX("[1, 2, \" 3e0\\n\", \"004\"]"), -1},
    {BOX("[1, 2, \"three\", 4]"), SKIP_INVALID_BBOX},
    {BOX("[1, 2, \"\", 4]"), SKIP_INVALID_BBOX},
    {BOX("[1, 2, \"nan\", 4]"), SKIP_NON_FINITE},
    {BOX("[1, 2, \"1e999\", 4]"), SKIP_OUT_OF_RANGE},
    {BOX("[1, 2, null, 4]"), SKIP_INVALID_BBOX},
    {BOX("[1, 2, -0.001, 4]"), SKIP_INVALID_BBOX},
    {BOX("[1, 2, 3, -4]"), SKIP_INVALID_BBOX},
    {BOX("[1e999, 2, 3, 4]"), SKIP_OUT_OF_RANGE},
    {BOX("[1, 2, 1e200, 1e200]"), SKIP_OUT_OF_RANGE},
    {"{\"image_id\": 9223372036854775808, " REST, SKIP_OUT_OF_RANGE},
    {"{\"image_id\": 1, \"category_id\": 2147483648, \"bbox\": [1, 2, 3, 4], \"score\": 1}",
     SKIP_OUT_OF_RANGE},
};

#define GT(more) "{\"id\": 0, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4]" more "}"

static const struct reason_case ground_truth_cases[] = {
    {GT(""), -1},
    {GT(", \"iscrowd\": 1, \"area\": 7.5"), -1},
    {GT(", \"iscrowd\": null, \"area\": null"), -1},
    {GT(", \"iscrowd\": true"), -1},
    {GT(", \"segmentation\": {\"size\": [1, 2], \"counts\": \"x\"}"), -1},
    {GT(", \"iscrowd\": \"false\""), -1},
    {GT(", \"iscrowd\": \"no\""), SKIP_WRONG_TYPE},
    {GT(", \"iscrowd\": 2"), SKIP_OUT_OF_RANGE},
    {GT(", \"area\": \"7\""), -1},
    {GT(", \"area\": \"seven\""), SKIP_WRONG_TYPE},
    {GT(", \"area\": 1e999"), SKIP_OUT_OF_RANGE},
    {"{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}", -1},
    {"{\"id\": 1, \"image_id\": 1, \"bbox\": [1, 2, 3, 4]}", SKIP_MISSING_FIELD},
    {"{\"id\": 1, \"image_id\": 1, \"category_id\": 1}", SKIP_MISSING_FIELD},
    {"{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"segmentation\": [[1]]}", -1},
    {"{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"segmentation\": []}", SKIP_MISSING_FIELD},
    {"{\"id\": \"a\", \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}",
     SKIP_WRONG_TYPE},
    {"{\"id\": 1, \"image_id\": \"a\", \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}", -1},
    {"{\"id\": 1, \"image_id\": \"\", \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}",
     SKIP_WRONG_TYPE},
};

typedef bool read_one(struct one_row *one);

static bool read_result(struct one_row *one) {
    return read_row(&one->element, &one->row, &one->extra, &one->masks, &one->skip);
}

static bool read_ground_truth(struct one_row *one) {
    struct dataset_annotation annotation = {0};
    bool taken =
        dataset_read_annotation(&one->element, false, &annotation, &one->scratch, &one->skip);
    one->row = annotation.row;
    return taken;
}

static void check_case(const struct reason_case *c, read_one *read) {
    char text[512];
    struct one_row one;
    snprintf(text, sizeof text, "[%s]", c->row);
    open_row(&one, text);
    bool taken = read(&one);
    if (taken != (c->reason < 0) || (!taken && (int)one.skip.reason != c->reason)) {
        fail_msg("%s: %s", c->row, taken ? "taken" : skip_slug(one.skip.reason));
    }
    if (!taken) assert_true(strlen(one.skip.detail) > 0);
    close_row(&one);
}

static void each_bad_prediction_has_its_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof result_cases / sizeof *result_cases; i++) {
        check_case(&result_cases[i], read_result);
    }
}

static void each_bad_annotation_has_its_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ground_truth_cases / sizeof *ground_truth_cases; i++) {
        check_case(&ground_truth_cases[i], read_ground_truth);
    }
}

static void ground_truth_keeps_its_own_area_and_id(void **state) {
    (void)state;
    struct one_row one;
    open_row(&one, "[" GT(", \"iscrowd\": 1, \"area\": 7.5, \"attributes\": {}") "]");
    assert_true(read_ground_truth(&one));
    assert_int_equal(one.row.annotation_id, 0);
    assert_true(one.row.has_area);
    assert_true(one.row.area == 7.5);
    assert_true(one.row.is_crowd);
    assert_false(one.row.has_confidence);
    assert_int_equal(one.row.extra.len, strlen("{\"attributes\":{}}"));
    assert_memory_equal(one.row.extra.data, "{\"attributes\":{}}", one.row.extra.len);
    close_row(&one);
}

static void an_image_and_a_category_are_read(void **state) {
    (void)state;
    struct one_row one;
    struct image image;
    struct category category;
    open_row(&one, "[{\"id\": 5, \"file_name\": \"a\\/\\u00e9.jpg\", \"width\": 640.0,"
                   " \"license\": 3}]");
    assert_true(dataset_read_image(&one.element, &image, &one.scratch, &one.skip));
    assert_int_equal(image.image_id, 5);
    assert_true(image.has_width);
    assert_int_equal(image.width, 640);
    assert_false(image.has_height);
    assert_int_equal(image.file_name.len, strlen("a/\xc3\xa9.jpg"));
    assert_memory_equal(image.file_name.data, "a/\xc3\xa9.jpg", image.file_name.len);
    assert_memory_equal(image.extra.data, "{\"license\":3}", image.extra.len);
    close_row(&one);
    open_row(&one, "[{\"id\": 0, \"name\": \"\", \"supercategory\": \"s\"}]");
    assert_true(dataset_read_category(&one.element, &category, &one.scratch, &one.skip));
    assert_int_equal(category.category_id, 0);
    assert_non_null(category.name.data);
    assert_int_equal(category.name.len, 0);
    assert_int_equal(category.supercategory.len, 1);
    close_row(&one);
    open_row(&one, "[{\"id\": 5, \"file_name\": \"\\u0000\"}]");
    assert_false(dataset_read_image(&one.element, &image, &one.scratch, &one.skip));
    assert_int_equal(one.skip.reason, SKIP_WRONG_TYPE);
    close_row(&one);
}

/* ---- windows ----------------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++) hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return hash;
}

/* Returns a hash of all tuples and skips of a results file. */
static uint64_t rows_of(const char *text, size_t len, size_t window, size_t chunk,
                        uint64_t *taken) {
    struct json_limits limits = json_default_limits;
    struct source source;
    struct document document;
    struct buf extra;
    struct buf masks;
    struct err err;
    char block[COPY_BLOCK];
    struct copy copy = {.block = block, .open = true};
    uint64_t hash = UINT64_C(14695981039346656037);
    bool more = true;
    limits.window = window;
    *taken = 0;
    source_init(&source, text, len, chunk, chunk);
    buf_init(&extra, 1 << 20);
    buf_init(&masks, 1 << 20);
    assert_true(document_open(&document, &source.reader, &limits, &err));
    assert_true(document_enter_array(&document, &err));
    while (more) {
        struct json_value element;
        struct annotation row;
        struct skip skip;
        if (!document_next_element(&document, &element, &more, &err)) fail_msg("%s", err.message);
        if (!more) break;
        if (read_row(&element, &row, &extra, &masks, &skip)) {
            row.annotation_id = (int64_t)document.index + 1;
            tuple_put_annotation(&copy, &row);
            hash = mix(hash, copy.block, copy.len);
            copy.len = 0;
            ++*taken;
        } else {
            hash = mix(hash, skip.detail, strlen(skip.detail));
            hash = mix(hash, &element.offset, sizeof element.offset);
        }
    }
    assert_true(document_finish(&document, &err));
    assert_int_equal(document_bytes(&document), len);
    document_close(&document);
    buf_free(&extra);
    buf_free(&masks);
    return hash;
}

static void the_window_makes_no_difference(void **state) {
    (void)state;
    char text[16384] = "[ ";
    size_t len = 2;
    for (size_t i = 0; i < sizeof result_cases / sizeof *result_cases; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " ,\n" : "",
                                result_cases[i].row);
    }
    len += (size_t)snprintf(text + len, sizeof text - len, "]\n");
    uint64_t expected_taken;
    uint64_t expected = rows_of(text, len, 256 * 1024, len, &expected_taken);
    assert_int_equal(expected_taken, 13);
    for (size_t window = 1; window <= len + 2; window += window < 200 ? 1 : 37) {
        for (size_t chunk = 1; chunk <= 300; chunk = chunk * 2 + 1) {
            uint64_t taken;
            assert_true(rows_of(text, len, window, chunk, &taken) == expected);
            assert_int_equal(taken, expected_taken);
        }
    }
}

/* ---- the rest ---------------------------------------------------------------------------- */

static void skips_are_counted_and_the_first_ten_are_shown(void **state) {
    (void)state;
    struct skips *skips = calloc(1, sizeof *skips);
    struct buf text;
    assert_non_null(skips);
    for (uint64_t i = 0; i < 12; i++) {
        struct skip_example example = {.has_place = true, .index = i, .offset = 100 * i};
        snprintf(example.detail, sizeof example.detail, "no image %d", (int)i);
        skips_count(skips, SKIP_UNKNOWN_IMAGE, 1);
        assert_int_equal(skips_wants_example(skips, SKIP_UNKNOWN_IMAGE), i < 10);
        skips_example(skips, SKIP_UNKNOWN_IMAGE, &example);
    }
    struct skip_example example = {.has_place = true,
                                   .has_line = true,
                                   .index = 12,
                                   .offset = 1200,
                                   .line = {7, 3},
                                   .detail = "no category 9"};
    skips_count(skips, SKIP_UNKNOWN_CATEGORY, 1);
    skips_example(skips, SKIP_UNKNOWN_CATEGORY, &example);
    buf_init(&text, 1 << 16);
    skips_write(skips, &text);
    assert_int_equal(skips->total, 13);
    const char *begin = "[{\"reason\": \"unknown_category\", \"count\": 1, \"examples\": "
                        "[{\"index\": 12, \"offset\": 1200, \"line\": 7, \"column\": 3, "
                        "\"detail\": \"no category 9\"}]}, "
                        "{\"reason\": \"unknown_image\", \"count\": 12, \"examples\": "
                        "[{\"index\": 0, \"offset\": 0, \"detail\": \"no image 0\"}, ";
    assert_memory_equal(buf_text(&text), begin, strlen(begin));
    assert_non_null(strstr(buf_text(&text), "no image 9"));
    assert_null(strstr(buf_text(&text), "no image 10"));
    buf_free(&text);
    free(skips);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prediction_becomes_one_binary_tuple),
        cmocka_unit_test(each_bad_prediction_has_its_reason),
        cmocka_unit_test(each_bad_annotation_has_its_reason),
        cmocka_unit_test(ground_truth_keeps_its_own_area_and_id),
        cmocka_unit_test(an_image_and_a_category_are_read),
        cmocka_unit_test(the_window_makes_no_difference),
        cmocka_unit_test(skips_are_counted_and_the_first_ten_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
