/*
 * A detection_annotation file: rows, classes by number, and the run name it gives; and json_part,
 * which reads it piece by piece.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coco/detection_annotation.h"
#include "import/run_name.h"
#include "source.h"
#include "json/document.h"
#include "json/number.h"

struct one_file {
    struct document document;
    struct source source;
    struct json_value value;
    struct detections detections;
    struct skip skip;
};

static void open_value(struct one_file *one, const char *text) {
    struct err err;
    source_init(&one->source, text, strlen(text), strlen(text), strlen(text));
    detections_init(&one->detections, 1 << 20);
    assert_true(document_open(&one->document, &one->source.reader, &json_default_limits, &err));
    if (!document_value(&one->document, &one->value, &err)) fail_msg("%s: %s", text, err.message);
}

static void close_file(struct one_file *one) {
    detections_free(&one->detections);
    document_close(&one->document);
}

static void open_file(struct one_file *one, const char *text) {
    open_value(one, text);
    assert_true(detections_open(&one->detections, &one->value, &one->skip));
}

static void assert_slice(struct slice slice, const char *text) {
    assert_int_equal(slice.len, strlen(text));
    assert_memory_equal(slice.data, text, slice.len);
}

/* ---- parts of a value -------------------------------------------------------------------- */

static void each_part_of_a_value_is_a_value(void **state) {
    (void)state;
    static const char *const texts[] = {"{\"a\":[1,{\"b\":-2.5e3}],\"c\":\"\\u00e9\"}",
                                        "[[],{},\"\",0]",
                                        "\"text\"",
                                        "17",
                                        "null",
                                        "[NaN,[1]]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[200];
        struct one_file alone;
        struct one_file whole;
        struct json_value part;
        struct buf nodes;
        snprintf(text, sizeof text, "[ {\"k\": 1}, %s, 2]", texts[i]);
        open_value(&alone, texts[i]);
        open_value(&whole, text);
        buf_init(&nodes, 1 << 16);
        assert_true(json_part(&whole.value, 4, &nodes, &part));
        assert_int_equal(part.offset, 12);
        assert_int_equal(part.count, alone.value.nodes[0].next);
        assert_int_equal(part.non_finite, alone.value.non_finite);
        for (uint32_t node = 0; node < part.count; node++) {
            struct slice one = json_raw(&part, node);
            struct slice other = json_raw(&alone.value, node);
            double x = 1;
            double y = 2;
            assert_int_equal(one.len, other.len);
            assert_memory_equal(one.data, other.data, one.len);
            assert_int_equal(part.nodes[node].next, alone.value.nodes[node].next);
            assert_int_equal(part.nodes[node].type, alone.value.nodes[node].type);
            assert_int_equal(number_double(&part, node, &x), number_double(&alone.value, node, &y));
            if (part.nodes[node].type == JSON_NUMBER) assert_true(x == y);
        }
        buf_free(&nodes);
        close_file(&alone);
        close_file(&whole);
    }
}

static void a_member_is_found_by_its_name(void **state) {
    (void)state;
    struct one_file one;
    open_value(&one, "{\"a\": {\"b\": 1}, \"b\": 2, \"\\u0061\": 3, \"c\": null}");
    assert_slice(json_raw(&one.value, json_member(&one.value, 0, "a")), "3");
    assert_slice(json_raw(&one.value, json_member(&one.value, 0, "b")), "2");
    assert_slice(json_raw(&one.value, json_member(&one.value, 2, "b")), "1");
    assert_int_equal(json_member(&one.value, 0, "d"), 0);
    assert_int_equal(json_member(&one.value, json_member(&one.value, 0, "c"), "a"), 0);
    close_file(&one);
}

/* ---- rows -------------------------------------------------------------------------------- */

#define BOX(class_id) \
    "{\"bbox\": {\"h\": 4, \"x\": 0.5, \"y\": -1, \"w\": 0}, \"confidence\": 0.75, " \
    "\"class_id\": " class_id "}"

static void a_row_has_names_and_a_box_in_parts(void **state) {
    (void)state;
    struct one_file one;
    struct detection_row row;
    struct picture picture = {640, 480};
    open_file(&one, "{\"annotations\": [" BOX("1") "], \"filename\": \"a\\/b.jpg\","
                                                   " \"categories\": {\"1\": \"person\"}}");
    assert_true(detections_has_next(&one.detections));
    assert_true(detections_read_next(&one.detections, &row, &one.skip));
    assert_slice(row.image, "a/b.jpg");
    assert_slice(row.category, "person");
    assert_int_equal(row.offset, 17);
    assert_true(row.annotation.confidence == 0.75 && row.annotation.has_confidence);
    assert_null(row.annotation.extra.data);
    assert_true(detection_scale(&row.annotation, &picture, &one.skip));
    assert_true(row.annotation.bbox.x == 320 && row.annotation.bbox.y == -480);
    assert_true(row.annotation.bbox.w == 0 && row.annotation.bbox.h == 1920);
    assert_true(row.annotation.has_area && row.annotation.area == 0);
    picture.height = 0;
    assert_false(detection_scale(&row.annotation, &picture, &one.skip));
    assert_int_equal(one.skip.reason, SKIP_MISSING_FIELD);
    assert_false(detections_has_next(&one.detections));
    assert_false(detections_failed(&one.detections));
    close_file(&one);
}

static void a_class_is_found_by_its_number(void **state) {
    (void)state;
    static const struct {
        const char *class_id;
        const char *name;
    } cases[] = {
        {"0", "zero"},
        {"-7", "minus seven"},
        {"12", "last of two"},
        {"\"12\"", "last of two"},
        {"999999999999999999", "large"},
        {"1", "class_1"}, /* the file has "01" only */
        {"5", "class_5"}, /* its name is not a string */
        {"13", "class_13"},
        {"-9223372036854775808", "class_-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        struct one_file one;
        struct detection_row row;
        snprintf(text, sizeof text,
                 "{\"filename\": \"a\", \"categories\": {\"12\": \"first\", \"0\": \"zero\", "
                 "\"01\": \"x\", \"-0\": \"x\", \"-7\": \"minus seven\", \"12\": \"last of two\", "
                 "\"\": \"x\", \"-\": \"x\", \"5\": 5, \"+13\": \"x\", \"1e1\": \"x\", "
                 "\"999999999999999999\": \"large\"}, \"annotations\": [" BOX("%s") "]}",
                 cases[i].class_id);
        open_file(&one, text);
        assert_true(detections_read_next(&one.detections, &row, &one.skip));
        assert_slice(row.category, cases[i].name);
        close_file(&one);
    }
}

static void a_bad_row_does_not_spoil_the_next(void **state) {
    (void)state;
    struct one_file one;
    struct detection_row row;
    open_file(&one, "{\"filename\": \"\", \"annotations\": [[1, [2]], {\"class_id\": NaN},"
                    " " BOX("1, \"more\": [NaN]") ", " BOX("2, \"more\": [1]") "]}");
    assert_false(detections_read_next(&one.detections, &row, &one.skip));
    assert_int_equal(one.skip.reason, SKIP_WRONG_TYPE);
    assert_false(detections_read_next(&one.detections, &row, &one.skip));
    assert_int_equal(one.skip.reason, SKIP_NON_FINITE);
    assert_false(detections_read_next(&one.detections, &row, &one.skip));
    assert_int_equal(one.skip.reason, SKIP_NON_FINITE);
    assert_true(detections_read_next(&one.detections, &row, &one.skip));
    assert_slice(row.image, "");
    assert_slice(row.category, "class_2");
    assert_slice(row.annotation.extra, "{\"more\":[1]}");
    assert_false(detections_has_next(&one.detections));
    close_file(&one);
}

/* ---- the name of a run ------------------------------------------------------------------- */

static void a_file_may_name_its_run(void **state) {
    (void)state;
    static const struct {
        const char *info;
        const char *name; /* NULL if it gives none */
    } cases[] = {
        {"{\"annotations_source\": \"yolo\", \"created_at\": \"2026-02-14T09:30:00Z\"}",
         "yolo_2026-02-14"},
        {"{\"annotations_source\": \"yolo\", \"created_at\": \"2026-02-14\"}", "yolo_2026-02-14"},
        {"{\"annotations_source\": \"yolo\", \"created_at\": \"2026-02-1\"}", "yolo"},
        {"{\"annotations_source\": \"yolo\", \"created_at\": \"2026/02/14\"}", "yolo"},
        {"{\"annotations_source\": \"yolo\", \"created_at\": 20260214}", "yolo"},
        {"{\"annotations_source\": \"\", \"created_at\": \"2026-02-14\"}", NULL},
        {"{\"annotations_source\": null}", NULL},
        {"{\"annotations_source\": \"\\u0000\"}", NULL},
        {"[\"annotations_source\"]", NULL},
        {"null", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        struct one_file one;
        struct buf name;
        snprintf(text, sizeof text, "{\"info\": %s}", cases[i].info);
        buf_init(&name, 100);
        open_value(&one, text);
        assert_int_equal(detection_run_name(&one.value, &name), cases[i].name != NULL);
        if (cases[i].name) assert_string_equal(buf_text(&name), cases[i].name);
        buf_free(&name);
        close_file(&one);
    }
}

static void a_path_of_any_length_names_a_run(void **state) {
    (void)state;
    char path[5000];
    char name[64];
    memset(path, 'b', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    run_name_from_file(path, name);
    assert_int_equal(strlen(name), 63);
    memcpy(path + sizeof path - 7, "/c.zst", 7);
    run_name_from_file(path, name);
    assert_string_equal(name, "c");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_of_a_value_is_a_value),
        cmocka_unit_test(a_member_is_found_by_its_name),
        cmocka_unit_test(a_row_has_names_and_a_box_in_parts),
        cmocka_unit_test(a_class_is_found_by_its_number),
        cmocka_unit_test(a_bad_row_does_not_spoil_the_next),
        cmocka_unit_test(a_file_may_name_its_run),
        cmocka_unit_test(a_path_of_any_length_names_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
