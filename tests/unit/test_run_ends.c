/* Masks are decoded to the runs of their pixels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coco/run_ends.h"
#include "random_masks.h"
#include "json/parser.h"

static const struct picture any_picture = {0, 0};

struct decoder {
    struct json_parser parser;
    struct run_ends ends;
    struct number_lists lists;
    struct run_ends of_lists;
    struct buf text;
    enum mask_kind kind;
    struct skip skip;
};

static void decoder_init(struct decoder *decoder, struct work *work) {
    json_parser_init(&decoder->parser, 16);
    run_ends_init(&decoder->ends, work);
    number_lists_init(&decoder->lists);
    run_ends_init(&decoder->of_lists, NULL);
    buf_init(&decoder->text, 1 << 20);
}

static void decoder_free(struct decoder *decoder) {
    json_parser_free(&decoder->parser);
    run_ends_free(&decoder->ends);
    number_lists_free(&decoder->lists);
    run_ends_free(&decoder->of_lists);
    buf_free(&decoder->text);
}

/* Lists of numbers give what their nodes have given. */
static void assert_drawn_alike(struct decoder *decoder, const char *text, struct picture picture) {
    const struct run_ends *ends = &decoder->ends;
    const struct run_ends *drawn = &decoder->of_lists;
    struct number_lists *lists = &decoder->lists;
    struct skip skip;
    if (!number_lists_read(lists, (struct slice){text, strlen(text)}) || !lists->is_nested) return;
    assert_true(run_ends_draw(&decoder->of_lists, lists, &picture, &skip));
    assert_int_equal(drawn->height, ends->height);
    assert_int_equal(drawn->width, ends->width);
    assert_int_equal(drawn->count, ends->count);
    assert_memory_equal(drawn->list, ends->list, ends->count * sizeof *ends->list);
}

static bool decode(struct decoder *decoder, const char *text, struct picture picture) {
    struct json_value value;
    struct err err;
    if (!json_parser_read(&decoder->parser, (struct slice){text, strlen(text)}, &value, &err)) {
        fail_msg("%s: %s", text, err.message);
    }
    bool good = run_ends_read(&decoder->ends, &value, 0, &picture, &decoder->kind, &decoder->skip);
    if (good && decoder->kind == MASK_POLYGONS) assert_drawn_alike(decoder, text, picture);
    return good;
}

static void assert_ends(struct decoder *decoder, const char *text, const uint32_t *due,
                        size_t count) {
    if (decoder->ends.count != count) {
        fail_msg("%s: %zu runs, not %zu", text, decoder->ends.count, count);
    }
    for (size_t i = 0; i < count; i++) {
        if (decoder->ends.list[i] == due[i]) continue;
        fail_msg("%s: run %zu ends at %u, not %u", text, i, decoder->ends.list[i], due[i]);
    }
}

/* ---- against pixels ----------------------------------------------------------------------- */

static void assert_decoded(struct decoder *decoder, const struct runs *runs,
                           void (*put)(struct buf *, const struct runs *)) {
    uint32_t due[RUNS];
    uint32_t end = 0;
    for (size_t i = 0; i < runs->count; i++) due[i] = end += (uint32_t)runs->counts[i];
    buf_reset(&decoder->text);
    buf_printf(&decoder->text, "{\"size\": [%d, %d], \"counts\": ", runs->height, runs->width);
    put(&decoder->text, runs);
    buf_put_char(&decoder->text, '}');
    const char *text = buf_text(&decoder->text);
    if (!decode(decoder, text, any_picture)) fail_msg("%s: %s", text, decoder->skip.detail);
    assert_int_equal(decoder->kind, MASK_RLE);
    assert_int_equal(decoder->ends.height, runs->height);
    assert_int_equal(decoder->ends.width, runs->width);
    assert_ends(decoder, text, due, runs->count);
}

static void run_lengths_are_decoded_as_they_are(void **state) {
    (void)state;
    uint64_t seed = 19;
    struct decoder decoder;
    decoder_init(&decoder, NULL);
    for (int i = 0; i < 5000; i++) {
        struct runs runs;
        make_runs(&runs, &seed);
        assert_decoded(&decoder, &runs, put_list);
        assert_decoded(&decoder, &runs, put_packed);
    }
    decoder_free(&decoder);
}

static void polygons_become_the_runs_of_their_pixels(void **state) {
    (void)state;
    uint64_t seed = 23;
    struct decoder decoder;
    size_t longest = 0;
    decoder_init(&decoder, NULL);
    for (int i = 0; i < 20000; i++) {
        struct drawing drawing = {0};
        struct canvas canvas;
        uint32_t due[CANVAS * CANVAS + 1];
        make_drawing(&drawing, &seed);
        paint_drawing(&drawing, &canvas);
        buf_reset(&decoder.text);
        put_drawing(&decoder.text, &drawing);
        const char *text = buf_text(&decoder.text);
        struct picture picture = {.width = drawing.width, .height = drawing.height};
        if (!decode(&decoder, text, picture)) fail_msg("%s: %s", text, decoder.skip.detail);
        assert_int_equal(decoder.kind, MASK_POLYGONS);
        size_t count = find_ends(canvas.pixels, (uint32_t)(drawing.height * drawing.width), due);
        assert_ends(&decoder, text, due, count);
        if (count > longest) longest = count;
    }
    assert_true(longest > 50);
    decoder_free(&decoder);
}

enum {
    COMB_TEETH = 60,
    COMB_HEIGHT = 2 * COMB_TEETH,
    COMB_WIDTH = 500
};

/* A comb with teeth to the right, of `length` pixels, beside a back of one pixel; its first tooth
 * is longer. */
static void put_comb(struct buf *text, int length, int first_length) {
    buf_put_text(text, "[[0, 0");
    for (int tooth = 0; tooth < COMB_TEETH; tooth++) {
        int end = 1 + (tooth == 0 ? first_length : length);
        buf_printf(text, ", %d, %d, %d, %d, 1, %d, 1, %d", end, 2 * tooth, end, 2 * tooth + 1,
                   2 * tooth + 1, 2 * tooth + 2);
    }
    buf_printf(text, ", 0, %d]]", COMB_HEIGHT);
}

static size_t comb_ends(int length, int first_length, uint32_t *due) {
    static bool pixels[COMB_HEIGHT * COMB_WIDTH];
    for (int x = 0; x < COMB_WIDTH; x++) {
        for (int y = 0; y < COMB_HEIGHT; y++) {
            bool is_tooth = y % 2 == 0 && x <= (y == 0 ? first_length : length);
            pixels[x * COMB_HEIGHT + y] = x == 0 || is_tooth;
        }
    }
    return find_ends(pixels, COMB_HEIGHT * COMB_WIDTH, due);
}

/* Their crossings are many, spread evenly over the columns, or nearly all in a few. */
static void combs_become_the_runs_of_their_pixels(void **state) {
    (void)state;
    static const int lengths[][2] = {{1, 1}, {5, 5}, {15, 15}, {30, 30}, {5, 400}, {1, 490}};
    static uint32_t due[COMB_HEIGHT * COMB_WIDTH + 1];
    struct decoder decoder;
    decoder_init(&decoder, NULL);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct picture picture = {.width = COMB_WIDTH, .height = COMB_HEIGHT};
        buf_reset(&decoder.text);
        put_comb(&decoder.text, lengths[i][0], lengths[i][1]);
        assert_true(decode(&decoder, buf_text(&decoder.text), picture));
        size_t count = comb_ends(lengths[i][0], lengths[i][1], due);
        assert_ends(&decoder, buf_text(&decoder.text), due, count);
    }
    decoder_free(&decoder);
}

/* ---- by hand ------------------------------------------------------------------------------ */

static void masks_by_hand_are_decoded(void **state) {
    (void)state;
    static const struct {
        const char *text;
        struct picture picture; /* width, height */
        size_t count;
        uint32_t due[6];
    } cases[] = {
        {"{\"size\": [3, 2], \"counts\": [1, 2, 3]}", {0, 0}, 3, {1, 3, 6}},
        {" {\"counts\": \"123\", \"size\": [3, 2]}\n", {0, 0}, 3, {1, 3, 6}},
        /* As wide as high says the object, not the image. */
        {"{\"size\": [3, 2], \"counts\": [1, 2, 3]}", {9, 9}, 3, {1, 3, 6}},
        {"{\"size\": [3, 2], \"counts\": [0, 6]}", {0, 0}, 2, {0, 6}},
        {"{\"size\": [3, 2], \"counts\": [1, 0, 0, 5, 0]}", {0, 0}, 5, {1, 1, 1, 6, 6}},
        {"{\"size\": [0, 2], \"counts\": []}", {0, 0}, 0, {0}},
        /* Two columns in full, one pixel at the end, no pixel. */
        {"[[0, 0, 2, 0, 2, 3, 0, 3]]", {3, 3}, 3, {0, 6, 9}},
        {"[[2, 2, 3, 2, 3, 3, 2, 3]]", {3, 3}, 2, {8, 9}},
        {"[[1, 1, 2, 1, 1, 1]]", {3, 3}, 1, {9}},
        /* The foot of a column and the head of the next. */
        {"[[0, 2, 1, 2, 1, 3, 0, 3], [1, 0, 2, 0, 2, 1, 1, 1]]", {3, 3}, 3, {2, 4, 9}},
        /* A polygon without a list around it; a number too many; two corners, first or not. */
        {"[0, 0, 1, 0, 1, 1, 0, 1]", {3, 3}, 3, {0, 1, 9}},
        {"[[0, 0, 1, 0, 1, 1, 0, 1, 7]]", {3, 3}, 3, {0, 1, 9}},
        {"[[0, 0, 3, 3]]", {3, 3}, 1, {9}},
        {"[[0, 0, 1, 0, 1, 1, 0, 1], [0, 0, 3, 3], [2]]", {3, 3}, 3, {0, 1, 9}},
    };
    struct decoder decoder;
    decoder_init(&decoder, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!decode(&decoder, cases[i].text, cases[i].picture)) {
            fail_msg("%s: %s", cases[i].text, decoder.skip.detail);
        }
        assert_ends(&decoder, cases[i].text, cases[i].due, cases[i].count);
    }
    decoder_free(&decoder);
}

static void lists_without_numbers_are_no_mask(void **state) {
    (void)state;
    static const char *const texts[] = {"[]", "[[]]", "[[], []]"};
    struct decoder decoder;
    decoder_init(&decoder, NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(decode(&decoder, texts[i], any_picture));
        assert_int_equal(decoder.kind, MASK_NONE);
    }
    decoder_free(&decoder);
}

/* All polygons of an image have the same size, also where it is not known. */
static void a_side_that_is_not_known_is_long(void **state) {
    (void)state;
    struct decoder decoder;
    decoder_init(&decoder, NULL);
    assert_true(decode(&decoder, "[[0, 0, 1, 0, 1, 1, 0, 1]]", any_picture));
    assert_int_equal(decoder.ends.height, UNKNOWN_SIDE);
    assert_int_equal(decoder.ends.width, UNKNOWN_SIDE);
    assert_true(decode(&decoder, "[[0, 0, 1, 0, 1, 1, 0, 1]]", (struct picture){.width = 7}));
    assert_int_equal(decoder.ends.height, UNKNOWN_SIDE);
    assert_int_equal(decoder.ends.width, 7);
    decoder_free(&decoder);
}

static void what_cannot_be_decoded_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        struct picture picture;
    } cases[] = {
        {"{}", {9, 9}},
        {"{\"size\": [2, 2], \"counts\": [3]}", {9, 9}},
        {"{\"size\": [2, 2], \"counts\": [5]}", {9, 9}},
        {"{\"size\": [2, 2], \"counts\": [3, 2, -1]}", {9, 9}},
        {"{\"size\": [2, 2], \"counts\": \"5\"}", {9, 9}},
        {"{\"size\": [2, 2], \"counts\": \"b'4'\"}", {9, 9}},
        {"{\"size\": [65536, 65536], \"counts\": [4294967296]}", {9, 9}},
        {"[[0, 0, 1, 0, 1, 1]]", {65536, 65536}},
        {"[[0, 0, 1, 0, 1, 1]]", {1048577, 1}},
        {"[[0, 0, 1, 0, 1, \"one\"]]", {9, 9}},
        {"[[0, 0, 1, 0, 1, 1e999]]", {9, 9}},
        {"[[0, 0, 1, 0, 1, 1], 7]", {9, 9}},
        {"[7, [0, 0, 1, 0, 1, 1]]", {9, 9}},
        {"[{\"size\": [2, 2], \"counts\": [4]}]", {9, 9}},
    };
    struct decoder decoder;
    decoder_init(&decoder, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (decode(&decoder, cases[i].text, cases[i].picture)) fail_msg("%s", cases[i].text);
        assert_int_equal(decoder.skip.reason, SKIP_INVALID_SEGMENTATION);
        assert_false(decoder.ends.failed);
    }
    decoder_free(&decoder);
}

/* The largest image whose pixels fit 32 bits. */
static void positions_up_to_the_last_pixel_are_right(void **state) {
    (void)state;
    static const uint32_t due[] = {4294836224, 4294836225};
    struct decoder decoder;
    decoder_init(&decoder, NULL);
    const char *text = "[[65534, 65534, 65535, 65534, 65535, 65535, 65534, 65535]]";
    assert_true(decode(&decoder, text, any_picture));
    assert_ends(&decoder, text, due, 2);
    decoder_free(&decoder);
}

static void polygons_cost_what_their_bytes_pay_for(void **state) {
    (void)state;
    uint64_t received = 0;
    struct work work = {.received = &received};
    struct decoder decoder;
    int decoded = 0;
    decoder_init(&decoder, &work);
    const char *text = "[[0, 0, 60000, 0, 60000, 9, 0, 9]]"; /* 120,000 crossings */
    while (decode(&decoder, text, any_picture)) decoded++;
    assert_int_equal(decoded, WORK_ALLOWANCE / 120000);
    assert_int_equal(decoder.skip.reason, SKIP_OUT_OF_RANGE);
    assert_false(decoder.ends.failed);
    decoder_free(&decoder);
}

/* ---- boxes -------------------------------------------------------------------------------- */

static void a_box_covers_the_pixels_of_its_polygon(void **state) {
    (void)state;
    uint64_t seed = 29;
    int seen = 0;
    for (int i = 0; i < 20000; i++) {
        enum manner manner = random_below(&seed, MANNERS);
        struct drawing drawing = {.count = 1,
                                  .height = 1 + (int)random_below(&seed, CANVAS),
                                  .width = 1 + (int)random_below(&seed, CANVAS)};
        struct mask due;
        double left = random_coordinate(&seed, manner, drawing.width, 5);
        double top = random_coordinate(&seed, manner, drawing.height, 5);
        double right = left + random_real(&seed, 0, 20);
        double bottom = random_below(&seed, 9) ? top + random_real(&seed, 0, 20) : top;
        drawing.outlines[0] = (struct outline){
            {{left, top}, {left, bottom}, {right, bottom}, {right, top}}, .corners = 4};
        measure_drawing(&drawing, &due);
        struct pixel_box box = pixel_box_draw(left, top, right, bottom, (uint32_t)drawing.height,
                                              (uint32_t)drawing.width);
        if (box.left != due.bbox.x || box.top != due.bbox.y || box.right - box.left != due.bbox.w ||
            box.bottom - box.top != due.bbox.h) {
            fail_msg("%.17g, %.17g to %.17g, %.17g", left, top, right, bottom);
        }
        assert_true(due.area == due.bbox.w * due.bbox.h);
        seen += due.area > 0;
    }
    assert_true(seen > 5000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_lengths_are_decoded_as_they_are),
        cmocka_unit_test(polygons_become_the_runs_of_their_pixels),
        cmocka_unit_test(combs_become_the_runs_of_their_pixels),
        cmocka_unit_test(masks_by_hand_are_decoded),
        cmocka_unit_test(lists_without_numbers_are_no_mask),
        cmocka_unit_test(a_side_that_is_not_known_is_long),
        cmocka_unit_test(what_cannot_be_decoded_is_refused),
        cmocka_unit_test(positions_up_to_the_last_pixel_are_right),
        cmocka_unit_test(polygons_cost_what_their_bytes_pay_for),
        cmocka_unit_test(a_box_covers_the_pixels_of_its_polygon),
    };
    return cmocka_run_group_tests_name("run_ends", tests, NULL, NULL);
}
