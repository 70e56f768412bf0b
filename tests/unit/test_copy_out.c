/* Binary COPY out of the database: the frame, and the typed columns of its tuples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/columns.h"
#include "store/copy_frames.h"

#define HEADER \
    "PGCOPY\n\377\r\n\0" \
    "\0\0\0\0" \
    "\0\0\0\0"
#define SLICE(literal) ((struct slice){literal, sizeof(literal) - 1})

/* ---- the frame --------------------------------------------------------------------------- */

static enum copy_frame take(struct copy_frames *frames, struct slice message, struct slice *tuple) {
    *tuple = (struct slice){NULL, 0};
    return copy_frames_take(frames, message, tuple);
}

static void test_tuples_are_what_lies_between_header_and_trailer(void **state) {
    (void)state;
    struct copy_frames frames = {0};
    struct slice tuple;
    assert_int_equal(take(&frames, SLICE(HEADER "\0\1\0\0\0\1x"), &tuple), COPY_FRAME_TUPLE);
    assert_int_equal(tuple.len, 7);
    assert_memory_equal(tuple.data, "\0\1\0\0\0\1x", 7);
    assert_int_equal(take(&frames, SLICE("\0\0"), &tuple), COPY_FRAME_TUPLE);
    assert_int_equal(tuple.len, 2);
    assert_false(frames.ended);
    assert_int_equal(take(&frames, SLICE("\377\377"), &tuple), COPY_FRAME_END);
    assert_true(frames.ended);
}

static void test_a_header_may_come_alone_with_an_extension_or_with_the_trailer(void **state) {
    (void)state;
    struct slice tuple;
    struct copy_frames alone = {0};
    assert_int_equal(take(&alone, SLICE(HEADER), &tuple), COPY_FRAME_NONE);
    assert_int_equal(take(&alone, SLICE("\0\0"), &tuple), COPY_FRAME_TUPLE);
    struct copy_frames extended = {0};
    struct slice message = SLICE("PGCOPY\n\377\r\n\0\0\0\377\377\0\0\0\3abc\0\0");
    assert_int_equal(take(&extended, message, &tuple), COPY_FRAME_TUPLE);
    assert_int_equal(tuple.len, 2);
    struct copy_frames empty = {0};
    assert_int_equal(take(&empty, SLICE(HEADER "\377\377"), &tuple), COPY_FRAME_END);
}

static void test_a_malformed_frame_is_refused(void **state) {
    (void)state;
    static const struct slice messages[] = {
        {NULL, 0},
        {"\0\0", 2},                                               /* no header */
        {"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0", 18},                  /* half a header */
        {"PGCOPY\n\377\r\r\0\0\0\0\0\0\0\0\0", 19},                /* a line end was changed */
        {"PGCOPY\n\377\r\n\0\0\1\0\0\0\0\0\0", 19},                /* a critical flag */
        {"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\1", 19},                /* half an extension */
        {"PGCOPY\n\377\r\n\0\0\0\0\0\377\377\377\377", 19},        /* a huge extension */
        {"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0", 20},              /* half a tuple */
        {"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\376", 21},        /* -2 columns */
        {"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377\0", 22},      /* a byte after the trailer */
        {"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\200\0\0\0\0\1x", 26}, /* -32768 columns */
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        struct copy_frames frames = {0};
        struct slice tuple;
        assert_int_equal(take(&frames, messages[i], &tuple), COPY_FRAME_MALFORMED);
        assert_false(frames.ended);
    }
}

static void test_nothing_comes_after_the_trailer(void **state) {
    (void)state;
    struct copy_frames frames = {0};
    struct slice tuple;
    assert_int_equal(take(&frames, SLICE(HEADER "\377\377"), &tuple), COPY_FRAME_END);
    assert_int_equal(take(&frames, SLICE("\377\377"), &tuple), COPY_FRAME_MALFORMED);
    assert_int_equal(take(&frames, SLICE("\0\0"), &tuple), COPY_FRAME_MALFORMED);
}

/* ---- columns ----------------------------------------------------------------------------- */

#define ROW \
    "\0\7" \
    "\0\0\0\4\377\377\377\376" \
    "\0\0\0\10\1\2\3\4\5\6\7\10" \
    "\0\0\0\10\300\4\0\0\0\0\0\0" \
    "\0\0\0\1\1" \
    "\0\0\0\5{\"a\"}" \
    "\377\377\377\377" \
    "\0\0\0\0"

/* Reads ROW, or what a test made of it. */
static bool read_row(struct slice tuple, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 7);
    int32_t four = columns_int4(&columns);
    int64_t eight = columns_int8(&columns);
    double number = columns_float8(&columns);
    bool flag = columns_bool(&columns);
    struct slice json = columns_text(&columns);
    bool null = columns_null(&columns);
    struct slice text = columns_text(&columns);
    if (!columns_finish(&columns, err)) return false;
    assert_int_equal(four, -2);
    assert_true(eight == INT64_C(0x0102030405060708));
    assert_true(number == -2.5);
    assert_true(flag);
    assert_int_equal(json.len, 5);
    assert_memory_equal(json.data, "{\"a\"}", 5);
    assert_true(null);
    assert_true(text.data && text.len == 0);
    return true;
}

static void test_columns_are_read_by_their_types(void **state) {
    (void)state;
    struct err err;
    assert_true(read_row(SLICE(ROW), &err));
}

static void test_a_row_that_is_cut_off_anywhere_is_refused(void **state) {
    (void)state;
    for (size_t len = 0; len < sizeof ROW - 1; len++) {
        /* In a buffer of the exact size, so that a sanitizer sees reads past its end. */
        char *cut = malloc(len ? len : 1);
        struct err err = {0};
        assert_non_null(cut);
        memcpy(cut, ROW, len);
        assert_false(read_row((struct slice){cut, len}, &err));
        assert_int_equal(err.code, ERR_INTERNAL);
        assert_non_null(strstr(err.message, "cut off"));
        free(cut);
    }
}

static void test_bytes_after_the_last_column_are_refused(void **state) {
    (void)state;
    struct err err;
    assert_false(read_row(SLICE(ROW "\0"), &err));
    assert_non_null(strstr(err.message, "1 bytes after"));
}

/* Checks that reading a tuple of one column as a type fails with a message that has this word. */
static void refused_as(void (*read)(struct columns *), struct slice tuple, const char *word) {
    struct columns columns;
    struct err err = {0};
    columns_open(&columns, tuple, 1);
    read(&columns);
    assert_false(columns_finish(&columns, &err));
    assert_non_null(strstr(err.message, word));
}

static void as_int4(struct columns *columns) {
    assert_int_equal(columns_int4(columns), 0);
}

static void as_int8(struct columns *columns) {
    assert_int_equal(columns_int8(columns), 0);
}

static void as_float8(struct columns *columns) {
    assert_true(columns_float8(columns) == 0);
}

static void as_bool(struct columns *columns) {
    assert_false(columns_bool(columns));
}

static void as_text(struct columns *columns) {
    assert_null(columns_text(columns).data);
}

static void as_null(struct columns *columns) {
    assert_false(columns_null(columns));
}

static void as_nothing(struct columns *columns) {
    (void)columns;
}

static void as_two_columns(struct columns *columns) {
    assert_int_equal(columns_text(columns).len, 1);
    assert_null(columns_text(columns).data);
}

static void test_a_column_of_another_length_than_its_types_is_refused(void **state) {
    (void)state;
    refused_as(as_int4, SLICE("\0\1\0\0\0\3abc"), "3 bytes instead of 4");
    refused_as(as_int8, SLICE("\0\1\0\0\0\4abcd"), "4 bytes instead of 8");
    refused_as(as_float8, SLICE("\0\1\0\0\0\11abcdefghi"), "9 bytes instead of 8");
    refused_as(as_bool, SLICE("\0\1\0\0\0\0"), "0 bytes instead of 1");
}

static void test_a_negative_length_is_null_or_refused(void **state) {
    (void)state;
    static void (*const reads[])(struct columns *) = {as_int4, as_int8, as_float8, as_bool,
                                                      as_text};
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        refused_as(reads[i], SLICE("\0\1\377\377\377\377"), "column 1 is null");
        refused_as(reads[i], SLICE("\0\1\377\377\377\376"), "length of column 1 is -2");
        refused_as(reads[i], SLICE("\0\1\200\0\0\0"), "length of column 1 is -2147483648");
        refused_as(reads[i], SLICE("\0\1\177\377\377\377"), "cut off in column 1");
    }
    refused_as(as_null, SLICE("\0\1\377\377\377\376"), "columns 1 to 1 were not read");
}

static void test_another_number_of_columns_is_refused(void **state) {
    (void)state;
    refused_as(as_text, SLICE("\0\2\0\0\0\0\0\0\0\0"), "2 columns instead of 1");
    refused_as(as_text, SLICE("\0\0"), "0 columns instead of 1");
    refused_as(as_text, SLICE("\377\377"), "-1 columns instead of 1");
    refused_as(as_nothing, SLICE("\0\1\0\0\0\1x"), "columns 1 to 1 were not read");
    refused_as(as_two_columns, SLICE("\0\1\0\0\0\1x"), "no column 2");
}

static void test_a_row_may_have_no_columns(void **state) {
    (void)state;
    struct columns columns;
    struct err err;
    columns_open(&columns, SLICE("\0\0"), 0);
    assert_true(columns_finish(&columns, &err));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tuples_are_what_lies_between_header_and_trailer),
        cmocka_unit_test(test_a_header_may_come_alone_with_an_extension_or_with_the_trailer),
        cmocka_unit_test(test_a_malformed_frame_is_refused),
        cmocka_unit_test(test_nothing_comes_after_the_trailer),
        cmocka_unit_test(test_columns_are_read_by_their_types),
        cmocka_unit_test(test_a_row_that_is_cut_off_anywhere_is_refused),
        cmocka_unit_test(test_bytes_after_the_last_column_are_refused),
        cmocka_unit_test(test_a_column_of_another_length_than_its_types_is_refused),
        cmocka_unit_test(test_a_negative_length_is_null_or_refused),
        cmocka_unit_test(test_another_number_of_columns_is_refused),
        cmocka_unit_test(test_a_row_may_have_no_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
