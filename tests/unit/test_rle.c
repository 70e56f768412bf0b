/*
 * Masks are measured as their pixels say; what is no mask is refused, and said why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coco/rle.h"
#include "source.h"
#include "json/document.h"

enum {
    SIDE = 24,
    RUNS = 2 * SIDE * SIDE + 2
};

/* What rle_read says of a segmentation. */
static bool read_text(const char *text, struct picture picture, struct mask *mask,
                      struct skip *skip) {
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
    if (!good) assert_int_equal(skip->reason, SKIP_INVALID_SEGMENTATION);
    document_close(&document);
    buf_free(&scratch);
    return good;
}

static const struct picture any_picture = {0, 0};

/* ---- random masks ------------------------------------------------------------------------- */

struct runs {
    int counts[RUNS];
    size_t count;
    int height;
    int width;
};

/* Runs of random lengths, empty ones too, that fill a picture of random size. */
static void make_runs(struct runs *runs, uint64_t *seed) {
    runs->height = 1 + (int)random_below(seed, SIDE);
    runs->width = 1 + (int)random_below(seed, SIDE);
    int left = runs->height * runs->width;
    size_t limit = random_below(seed, 5) ? 9 : (size_t)left + 1;
    for (runs->count = 0; left > 0 && runs->count < RUNS - 1; runs->count++) {
        int run = (int)random_below(seed, limit);
        if (run > left) run = left;
        runs->counts[runs->count] = run;
        left -= run;
    }
    if (left > 0) runs->counts[runs->count++] = left;
}

/* By looking at every pixel. */
static void measure_pixels(const struct runs *runs, struct mask *mask) {
    int left = SIDE, top = SIDE, right = -1, bottom = -1, area = 0, at = 0;
    for (size_t i = 0; i < runs->count; i++) {
        for (int n = 0; n < runs->counts[i]; n++, at++) {
            int x = at / runs->height, y = at % runs->height;
            if (i % 2 == 0) continue;
            area++;
            if (x < left) left = x;
            if (x > right) right = x;
            if (y < top) top = y;
            if (y > bottom) bottom = y;
        }
    }
    *mask = (struct mask){.kind = MASK_RLE, .area = area};
    if (area) mask->bbox = (struct bbox){left, top, right - left + 1, bottom - top + 1};
}

static void put_list(struct buf *into, const struct runs *runs) {
    buf_put_char(into, '[');
    for (size_t i = 0; i < runs->count; i++) {
        buf_printf(into, "%s%d", i ? ", " : "", runs->counts[i]);
    }
    buf_put_char(into, ']');
}

/* A signed number in groups of five bits, the lowest first, until the rest is the sign of what was written. */
static void put_packed_number(struct buf *into, int number) {
    bool more = true;
    while (more) {
        int group = number & 0x1f;
        number >>= 5;
        more = (group & 0x10) ? number != -1 : number != 0;
        char c = (char)((more ? group | 0x20 : group) + '0');
        if (c == '\\') buf_put_char(into, '\\');
        buf_put_char(into, c);
    }
}

static void put_packed(struct buf *into, const struct runs *runs) {
    buf_put_char(into, '"');
    for (size_t i = 0; i < runs->count; i++) {
        put_packed_number(into, runs->counts[i] - (i > 2 ? runs->counts[i - 2] : 0));
    }
    buf_put_char(into, '"');
}

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
    measure_pixels(runs, &due);
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

/* Columns of nine: a pixel in the first, four rows of a block of three columns. */
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
        "[[1, 2, 3, 4, 5, \"6\"]]",
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

/* Any bytes as the text of the runs: it ends, and measures no more pixels than there are. */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_masks_are_measured_as_their_pixels_say),
        cmocka_unit_test(a_mask_by_hand_is_measured),
        cmocka_unit_test(an_empty_mask_has_neither_area_nor_box),
        cmocka_unit_test(polygons_and_nothing_are_told_apart),
        cmocka_unit_test(what_is_no_mask_is_refused),
        cmocka_unit_test(a_mask_has_the_size_of_its_image),
        cmocka_unit_test(any_text_of_runs_is_safe),
    };
    return cmocka_run_group_tests_name("rle", tests, NULL, NULL);
}
