/* Masks are measured like their pixels; anything else is refused with a reason. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coco/rle.h"
#include "random_masks.h"
#include "source.h"
#include "json/document.h"

/* Runs rle_read, and for polygons, if crossings is not NULL, rle_measure_polygons. */
static bool read_measured(const char *text, struct picture picture, struct crossings *crossings,
                          struct mask *mask, struct skip *skip) {
    struct document document;
    struct source source;
    struct json_value value;
    struct buf scratch;
    struct err err;
    source_init(&source, text, strlen(text), strlen(text), strlen(text));
    buf_init(&scratch, 1 << 20);
    assert_true(document_open(&document, &source.reader, &json_default_limits, &err));
    if (!document_value(&document, &value, &err)) fail_msg("%s: %s", text, err.message);
    bool good = rle_read(&value, 0, &picture, &scratch, mask, skip);
    if (good && crossings && mask->kind == MASK_POLYGONS) {
        good = rle_measure_polygons(&value, 0, &picture, crossings, mask, skip);
    }
    bool bounded = crossings && crossings->work;
    if (!good && !bounded) assert_int_equal(skip->reason, SKIP_INVALID_SEGMENTATION);
    document_close(&document);
    buf_free(&scratch);
    return good;
}

static bool read_text(const char *text, struct picture picture, struct mask *mask,
                      struct skip *skip) {
    return read_measured(text, picture, NULL, mask, skip);
}

static const struct picture any_picture = {0, 0};

/* ---- random masks ------------------------------------------------------------------------- */

static void assert_measured(const struct runs *runs,
                            void (*put)(struct buf *, const struct runs *)) {
    struct picture picture = {runs->width, runs->height};
    struct mask due;
    struct mask mask;
    struct skip skip;
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_printf(&text, "{\"size\": [%d, %d], \"counts\": ", runs->height, runs->width);
    put(&text, runs);
    buf_put_char(&text, '}');
    measure_runs(runs, &due);
    if (!read_text(buf_text(&text), picture, &mask, &skip)) {
        fail_msg("%s: %s", buf_text(&text), skip.detail);
    }
    assert_int_equal(mask.kind, MASK_RLE);
    assert_true(mask.area == due.area);
    assert_true(mask.bbox.x == due.bbox.x && mask.bbox.y == due.bbox.y);
    assert_true(mask.bbox.w == due.bbox.w && mask.bbox.h == due.bbox.h);
    buf_free(&text);
}

static void random_masks_are_measured_as_their_pixels_say(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        struct runs runs;
        make_runs(&runs, &seed);
        assert_measured(&runs, put_list);
        assert_measured(&runs, put_packed);
    }
}

/* ---- by hand ------------------------------------------------------------------------------ */

/* Columns of nine pixels: one pixel in the first, and a block of four rows in three columns. */
static void a_mask_by_hand_is_measured(void **state) {
    (void)state;
    struct mask mask;
    struct skip skip;
    assert_true(read_text("{\"counts\": [6, 1, 40, 4, 5, 4, 5, 4, 21], \"size\": [9, 10]}",
                          any_picture, &mask, &skip));
    assert_true(mask.area == 13);
    assert_true(mask.bbox.x == 0 && mask.bbox.y == 2 && mask.bbox.w == 8 && mask.bbox.h == 5);
}

static void an_empty_mask_has_neither_area_nor_box(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{\"counts\": [100], \"size\": [10, 10]}",
        "{\"counts\": [100, 0], \"size\": [10, 10]}",
        "{\"counts\": [], \"size\": [0, 10]}",
        "{\"counts\": \"\", \"size\": [0, 0]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct mask mask;
        struct skip skip;
        assert_true(read_text(texts[i], any_picture, &mask, &skip));
        assert_int_equal(mask.kind, MASK_RLE);
        assert_true(mask.area == 0 && mask.bbox.w == 0 && mask.bbox.h == 0);
    }
}

static void polygons_and_nothing_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum mask_kind kind;
    } cases[] = {
        {"[]", MASK_NONE},
        {"[[]]", MASK_NONE},
        {"null", MASK_NONE},
        {"[[1, 2, 3, 4.5, 5e0, -6]]", MASK_POLYGONS},
        {"[[1, 2, 3, 4, 5, 6], [], [1, 2, 3, 4, 5, 6, 7, 8]]", MASK_POLYGONS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mask mask;
        struct skip skip;
        assert_true(read_text(cases[i].text, any_picture, &mask, &skip));
        assert_int_equal(mask.kind, cases[i].kind);
    }
}

static void what_is_no_mask_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "true",
        "1",
        "\"x\"",
        "{}",
        "[1, 2, 3, 4, 5, 6]",
        "[[1, 2, 3, 4]]",
        "[[1, 2, 3, 4, 5, 6, 7]]",
        "[[1, 2, 3, 4, 5, \"six\"]]",
        "[[1, 2, 3, 4, 5, 1e999]]",
        "[[[1, 2, 3, 4, 5, 6]]]",
        "{\"size\": [2, 2]}",
        "{\"counts\": [4]}",
        "{\"size\": [2, 2], \"counts\": {}}",
        "{\"size\": [2], \"counts\": [4]}",
        "{\"size\": [2, 2, 1], \"counts\": [4]}",
        "{\"size\": [2.5, 2], \"counts\": [5]}",
        "{\"size\": [-2, -2], \"counts\": [4]}",
        "{\"size\": [2097152, 1], \"counts\": [2097152]}",
        "{\"size\": \"2x2\", \"counts\": [4]}",
        "{\"size\": [2, 2], \"counts\": [3]}",
        "{\"size\": [2, 2], \"counts\": [5]}",
        "{\"size\": [2, 2], \"counts\": [3, 2, -1]}",
        "{\"size\": [2, 2], \"counts\": [1.5, 2.5]}",
        "{\"size\": [2, 2], \"counts\": [null]}",
        "{\"size\": [2, 2], \"counts\": [9223372036854775807, 9223372036854775807]}",
        "{\"size\": [2, 2], \"counts\": \"\"}",
        "{\"size\": [2, 2], \"counts\": \"5\"}",
        "{\"size\": [2, 2], \"counts\": \"T\"}",
        "{\"size\": [2, 2], \"counts\": \"4!\"}",
        "{\"size\": [2, 2], \"counts\": \"oooooooooooooooooo\"}",
        "{\"size\": [2, 2], \"counts\": \"\\u00e9\"}",
        "{\"size\": [2, 2], \"counts\": \"4\\u0000\"}",
        "{\"size\": [2, 2], \"counts\": \"1110ooooooooooo0\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct mask mask;
        struct skip skip;
        if (read_text(texts[i], any_picture, &mask, &skip)) fail_msg("taken: %s", texts[i]);
        assert_true(strstr(skip.detail, "segmentation") == skip.detail);
    }
}

static void a_mask_has_the_size_of_its_image(void **state) {
    (void)state;
    struct mask mask;
    struct skip skip;
    const char text[] = "{\"size\": [2, 3], \"counts\": [1, 5]}";
    assert_true(read_text(text, (struct picture){.width = 3, .height = 2}, &mask, &skip));
    assert_true(read_text(text, (struct picture){.width = 3}, &mask, &skip));
    assert_false(read_text(text, (struct picture){.width = 2, .height = 3}, &mask, &skip));
    assert_non_null(strstr(skip.detail, "2 x 3"));
    assert_non_null(strstr(skip.detail, "3 x 2"));
}

/* Any bytes as compressed text must end, and must not measure more pixels than there are. */
static void any_text_of_runs_is_safe(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 200000; i++) {
        char text[80];
        size_t len = (size_t)snprintf(text, sizeof text, "{\"size\": [9, 9], \"counts\": \"");
        size_t end = len + random_below(&seed, 24);
        while (len < end) {
            char c = (char)('0' + random_below(&seed, 64));
            if (c != '\\') text[len++] = c;
        }
        memcpy(text + len, "\"}", 3);
        struct mask mask;
        struct skip skip;
        if (read_text(text, any_picture, &mask, &skip)) {
            assert_true(mask.area >= 0 && mask.area <= 81);
            assert_true(mask.bbox.x + mask.bbox.w <= 9 && mask.bbox.y + mask.bbox.h <= 9);
            assert_true(mask.area <= mask.bbox.w * mask.bbox.h);
        }
    }
}

/* ---- polygons ----------------------------------------------------------------------------- */

static void assert_same_measures(const char *text, struct picture picture,
                                 struct crossings *crossings, const struct mask *due) {
    struct mask mask;
    struct skip skip;
    if (!read_measured(text, picture, crossings, &mask, &skip)) {
        fail_msg("%s: %s", text, skip.detail);
    }
    if (mask.kind != due->kind || mask.area != due->area || mask.bbox.x != due->bbox.x ||
        mask.bbox.y != due->bbox.y || mask.bbox.w != due->bbox.w || mask.bbox.h != due->bbox.h) {
        fail_msg("%s in %d x %d: %g pixels [%g, %g, %g, %g], due %g [%g, %g, %g, %g]", text,
                 picture.width, picture.height, mask.area, mask.bbox.x, mask.bbox.y, mask.bbox.w,
                 mask.bbox.h, due->area, due->bbox.x, due->bbox.y, due->bbox.w, due->bbox.h);
    }
}

static void random_polygons_are_measured_as_their_pixels_say(void **state) {
    (void)state;
    uint64_t seed = 13;
    struct buf text;
    struct crossings crossings;
    int seen = 0;
    buf_init(&text, 1 << 16);
    crossings_init(&crossings, NULL);
    for (int i = 0; i < 30000; i++) {
        struct drawing drawing = {0};
        struct mask due;
        make_drawing(&drawing, &seed);
        measure_drawing(&drawing, &due);
        buf_reset(&text);
        put_drawing(&text, &drawing);
        struct picture picture = {drawing.width, drawing.height};
        assert_same_measures(buf_text(&text), picture, &crossings, &due);
        seen += due.area > 0;
    }
    assert_true(seen > 10000); /* most drawings had pixels */
    buf_free(&text);
    crossings_free(&crossings);
}

/* Long edges of all slopes, of which only a short piece lies in the image. */
static void clipping_changes_nothing(void **state) {
    (void)state;
    uint64_t seed = 17;
    struct buf text;
    struct crossings crossings;
    int seen = 0;
    buf_init(&text, 1 << 16);
    crossings_init(&crossings, NULL);
    for (int i = 0; i < 300; i++) {
        struct drawing drawing = {.count = 1, .height = CANVAS, .width = CANVAS};
        struct outline *outline = &drawing.outlines[0];
        struct mask due;
        double reach = random_below(&seed, 2) ? 30000 : 1000;
        outline->corners = 3 + random_below(&seed, 2);
        for (size_t n = 0; n < outline->corners; n++) {
            outline->at[n][0] = random_real(&seed, -reach, reach);
            outline->at[n][1] = random_real(&seed, -reach, reach);
        }
        if (random_below(&seed, 2)) outline->at[0][0] = outline->at[0][1] = CANVAS / 2.0;
        measure_drawing(&drawing, &due);
        buf_reset(&text);
        put_drawing(&text, &drawing);
        assert_same_measures(buf_text(&text), (struct picture){CANVAS, CANVAS}, &crossings, &due);
        seen += due.area > 0 && due.area < CANVAS * CANVAS;
    }
    assert_true(seen > 100); /* enough edges crossed the image */
    buf_free(&text);
    crossings_free(&crossings);
}

#define POLYGON(pixels, ...) \
    { \
        .kind = MASK_POLYGONS, .area = (pixels), .bbox = { __VA_ARGS__ } \
    }

static void polygons_by_hand_are_measured(void **state) {
    (void)state;
    static const struct {
        const char *text;
        struct picture picture;
        struct mask due;
    } cases[] = {
        {"[[10,10,20,10,20,20,10,20]]", {64, 64}, POLYGON(100, 10, 10, 10, 10)},
        {"[[10,20,20,20,20,10,10,10]]", {64, 64}, POLYGON(100, 10, 10, 10, 10)},
        {"[[10,10,20,10,20,20,10,20,10,10]]", {64, 64}, POLYGON(100, 10, 10, 10, 10)},
        /* A size that is not known, or only one side of it. */
        {"[[10,10,20,10,20,20,10,20]]", {0, 0}, POLYGON(100, 10, 10, 10, 10)},
        {"[[10,10,20,10,20,20,10,20]]", {15, 0}, POLYGON(50, 10, 10, 5, 10)},
        {"[[10,10,20,10,20,20,10,20]]", {0, 15}, POLYGON(50, 10, 10, 10, 5)},
        {"[[-9,-9,-2,-9,-2,-2]]", {0, 0}, POLYGON(0, 0, 0, 0, 0)},
        {"[[-9,-9,2.6,-9,2.6,3.6,-9,3.6]]", {0, 0}, POLYGON(12, 0, 0, 3, 4)},
        /* Twice the same, side by side, crossing; a hole needs a single polygon. */
        {"[[1,1,3,1,3,3,1,3],[1,1,3,1,3,3,1,3]]", {9, 9}, POLYGON(4, 1, 1, 2, 2)},
        {"[[1,1,3,1,3,3,1,3],[1,3,3,3,3,5,1,5]]", {9, 9}, POLYGON(8, 1, 1, 2, 4)},
        {"[[5,5,8,5,8,8,5,8],[],[1,1,6,1,6,6,1,6]]", {9, 9}, POLYGON(33, 1, 1, 7, 7)},
        {"[[0,0,6,0,6,6,0,6],[2,2,4,2,4,4,2,4]]", {9, 9}, POLYGON(36, 0, 0, 6, 6)},
        {"[[0,0,6,0,6,6,0,6,0,0,2,2,4,2,4,4,2,4,2,2]]", {6, 6}, POLYGON(32, 0, 0, 6, 6)},
        /* The whole image, from corners far outside. */
        {"[[-1e300,-1e300,1e300,-1e300,1e300,1e300,-1e300,1e300]]",
         {640, 480},
         POLYGON(307200, 0, 0, 640, 480)},
        {"[[1e300,-1e300,1.5e300,-1e300,1.5e300,1e300]]", {640, 480}, POLYGON(0, 0, 0, 0, 0)},
        {"[[1.7e308,1,-1.7e308,1,-1.7e308,3,1.7e308,3]]", {5, 9}, POLYGON(10, 0, 1, 5, 2)},
        {"[[1,1.7e308,1,-1.7e308,3,-1.7e308,3,1.7e308]]", {5, 9}, POLYGON(18, 1, 0, 2, 9)},
        /* Lines and points have no pixels. */
        {"[[1,1,7,1,3,1]]", {9, 9}, POLYGON(0, 0, 0, 0, 0)},
        {"[[1,1,1,1,1,1]]", {9, 9}, POLYGON(0, 0, 0, 0, 0)},
        /* A pixel counts from its middle on, not before. */
        {"[[0.4,0.4,1.4,0.4,1.4,1.4,0.4,1.4]]", {9, 9}, POLYGON(1, 0, 0, 1, 1)},
        {"[[0.6,0.6,1.4,0.6,1.4,1.4,0.6,1.4]]", {9, 9}, POLYGON(0, 0, 0, 0, 0)},
    };
    struct crossings crossings;
    crossings_init(&crossings, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_same_measures(cases[i].text, cases[i].picture, &crossings, &cases[i].due);
    }
    crossings_free(&crossings);
}

static void polygons_that_would_cost_too_much_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        struct picture picture;
        const char *detail; /* NULL if accepted */
    } cases[] = {
        {"[[0,0,262144,0,262144,9,0,9]]", {0, 0}, NULL},
        {"[[0,0,262145,0,262145,9,0,9]]", {0, 0}, "cross more than 524288 columns"},
        {"[[0,0,262145,0,262145,9,0,9]]", {262144, 9}, NULL},
        {"[[0,1,262144,1,262144,9,0,9],[5,5,6,5,6,6]]", {0, 0}, "cross more than 524288 columns"},
        {"[[0,0,5,1048576,9,0]]", {0, 0}, NULL},
        {"[[0,0,5,1048577,9,0]]", {0, 0}, "more than 1048576 pixels a side"},
        {"[[0,0,1e300,5,9,0]]", {0, 0}, "more than 1048576 pixels a side"},
        {"[[0,0,1e300,5,9,0]]", {0, 99}, "more than 1048576 pixels a side"},
        {"[[0,0,9,5,9,0]]", {1048577, 99}, "more than 1048576 pixels a side"},
    };
    struct crossings crossings;
    crossings_init(&crossings, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mask mask;
        struct skip skip;
        bool taken = read_measured(cases[i].text, cases[i].picture, &crossings, &mask, &skip);
        if (taken != !cases[i].detail) fail_msg("%s", cases[i].text);
        if (cases[i].detail && !strstr(skip.detail, cases[i].detail)) fail_msg("%s", skip.detail);
        assert_false(crossings.failed); /* that would mean out of memory */
    }
    assert_true(crossings.cap <= CROSSINGS_MAX);
    crossings_free(&crossings);
}

/* Many polygons without pixels take no memory: their crossings cancel one by one. */
static void polygons_without_pixels_take_no_room(void **state) {
    (void)state;
    static const struct mask due = POLYGON(4, 1, 1, 2, 2);
    struct buf text;
    struct crossings crossings;
    buf_init(&text, 1 << 20);
    crossings_init(&crossings, NULL);
    crossings.max = 40;
    buf_put_text(&text, "[[1,1,3,1,3,3,1,3]");
    for (int i = 0; i < 1000; i++) buf_put_text(&text, ", [0,5,9,5,0,5]");
    buf_put_char(&text, ']');
    assert_same_measures(buf_text(&text), (struct picture){9, 9}, &crossings, &due);
    buf_free(&text);
    crossings_free(&crossings);
}

/* Measures the same outline again and again until the work is spent. Returns how often. */
static size_t measure_until_spent(struct crossings *crossings) {
    static const char text[] = "[[0,0,262144,0,262144,9,0,9]]"; /* 2^19 crossings */
    size_t measured = 0;
    struct mask mask;
    struct skip skip;
    while (read_measured(text, any_picture, crossings, &mask, &skip)) measured++;
    assert_int_equal(skip.reason, SKIP_OUT_OF_RANGE);
    assert_non_null(strstr(skip.detail, "24 columns of pixels for each of its bytes"));
    return measured;
}

static void outlines_are_measured_as_far_as_their_bytes_pay(void **state) {
    (void)state;
    static const struct {
        uint64_t bytes;
        size_t measured;
    } cases[] = {{0, 4}, {21845, 4}, {21846, 5}, {100 * 21846, 104}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t received = 0;
        struct work work = {.received = &received};
        struct crossings crossings;
        crossings_init(&crossings, &work);
        received = cases[i].bytes; /* the bytes come while rows are read */
        assert_int_equal(measure_until_spent(&crossings), cases[i].measured);
        assert_true(work.spent <= WORK_ALLOWANCE + WORK_PER_BYTE * received);
        crossings_free(&crossings);
    }
}

static void work_is_counted_up_to_the_largest_numbers(void **state) {
    (void)state;
    uint64_t received = UINT64_MAX;
    struct work work = {.received = &received};
    assert_true(work_spend(NULL, UINT64_MAX));
    assert_true(work_spend(&work, UINT64_MAX - 1));
    assert_false(work_spend(&work, 2));
    assert_true(work_spend(&work, 1));
    received = 0;
    assert_false(work_spend(&work, 1));
    assert_int_equal(work.spent, UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_masks_are_measured_as_their_pixels_say),
        cmocka_unit_test(a_mask_by_hand_is_measured),
        cmocka_unit_test(an_empty_mask_has_neither_area_nor_box),
        cmocka_unit_test(polygons_and_nothing_are_told_apart),
        cmocka_unit_test(what_is_no_mask_is_refused),
        cmocka_unit_test(a_mask_has_the_size_of_its_image),
        cmocka_unit_test(any_text_of_runs_is_safe),
        cmocka_unit_test(random_polygons_are_measured_as_their_pixels_say),
        cmocka_unit_test(clipping_changes_nothing),
        cmocka_unit_test(polygons_by_hand_are_measured),
        cmocka_unit_test(polygons_that_would_cost_too_much_are_refused),
        cmocka_unit_test(polygons_without_pixels_take_no_room),
        cmocka_unit_test(outlines_are_measured_as_far_as_their_bytes_pay),
        cmocka_unit_test(work_is_counted_up_to_the_largest_numbers),
    };
    return cmocka_run_group_tests_name("rle", tests, NULL, NULL);
}
