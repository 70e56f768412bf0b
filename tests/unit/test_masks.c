/* Masks overlap as their pixels do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/masks.h"
#include "evaluation/objects.h"
#include "random_masks.h"

/* One image of truths and detections. */
struct scene {
    struct objects objects;
    struct masks masks;
};

static void scene_init(struct scene *scene) {
    objects_init(&scene->objects);
    masks_init(&scene->masks);
}

static void scene_free(struct scene *scene) {
    objects_free(&scene->objects);
    masks_free(&scene->masks);
}

static struct slice slice_of(const char *text) {
    return (struct slice){text, text ? strlen(text) : 0};
}

static void add_truth(struct scene *scene, const char *text, const struct bbox *bbox,
                      const struct picture *picture, bool is_crowd) {
    struct truth truth = {.bbox = *bbox, .is_crowd = is_crowd};
    struct err err;
    assert_true(masks_add_truth(&scene->masks, slice_of(text), bbox, picture, &err));
    assert_true(objects_add_truth(&scene->objects, &truth, &err));
}

static void add_detection(struct scene *scene, const char *text, const struct bbox *bbox,
                          const struct picture *picture) {
    struct detection detection = {0};
    struct err err;
    assert_true(masks_add_detection(&scene->masks, slice_of(text), bbox, picture, &err));
    assert_true(objects_add_detection(&scene->objects, &detection, 1, bbox, &err));
}

/* ---- against pixels ----------------------------------------------------------------------- */

enum {
    HIGH = 24,
    WIDE = 20,
    SIZE = HIGH * WIDE,
    EACH = 6 /* masks of a side */
};

static const struct picture picture = {.width = WIDE, .height = HIGH};

struct painted {
    bool pixels[SIZE];
    struct bbox bbox;
    char text[4096]; /* empty: the box */
};

static void paint_random_runs(struct painted *painted, struct buf *text, uint64_t *seed) {
    struct runs runs = {.height = HIGH, .width = WIDE};
    size_t limit = random_below(seed, 2) ? 60 : 9;
    int left = SIZE;
    while (left > 0) {
        int run =
            runs.count == 0 && random_below(seed, 4) == 0 ? 0 : 1 + (int)random_below(seed, limit);
        if (run > left) run = left;
        runs.counts[runs.count++] = run;
        left -= run;
    }
    paint_runs(&runs, painted->pixels);
    buf_printf(text, "{\"size\": [%d, %d], \"counts\": ", HIGH, WIDE);
    put_packed(text, &runs);
    buf_put_char(text, '}');
}

static void paint_random_drawing(struct painted *painted, struct buf *text, uint64_t *seed) {
    struct drawing drawing = {
        .height = HIGH, .width = WIDE, .count = 1 + random_below(seed, POLYGONS)};
    struct canvas canvas;
    for (size_t i = 0; i < drawing.count; i++) {
        make_outline(&drawing.outlines[i], &drawing, seed);
    }
    paint_drawing(&drawing, &canvas);
    memcpy(painted->pixels, canvas.pixels, sizeof painted->pixels);
    put_drawing(text, &drawing);
}

static void paint_random_box(struct painted *painted, uint64_t *seed) {
    struct bbox box = {random_real(seed, -5, WIDE), random_real(seed, -5, HIGH),
                       random_real(seed, 0, 15), random_real(seed, 0, 15)};
    double right = box.x + box.w;
    double bottom = box.y + box.h;
    struct drawing drawing = {.height = HIGH, .width = WIDE, .count = 1};
    struct canvas canvas;
    drawing.outlines[0] = (struct outline){
        {{box.x, box.y}, {box.x, bottom}, {right, bottom}, {right, box.y}}, .corners = 4};
    paint_drawing(&drawing, &canvas);
    memcpy(painted->pixels, canvas.pixels, sizeof painted->pixels);
    painted->bbox = box;
}

static void paint_random(struct painted *painted, uint64_t *seed) {
    struct buf text;
    memset(painted, 0, sizeof *painted);
    buf_init(&text, sizeof painted->text - 1);
    switch (random_below(seed, 3)) {
    case 0:
        paint_random_runs(painted, &text, seed);
        break;
    case 1:
        paint_random_drawing(painted, &text, seed);
        break;
    default:
        paint_random_box(painted, seed);
    }
    assert_false(text.failed);
    memcpy(painted->text, buf_text(&text), text.len + 1);
    buf_free(&text);
}

static double overlap_of_pixels(const bool *detection, const bool *truth, bool is_crowd) {
    int both = 0, either = 0, own = 0;
    for (int i = 0; i < SIZE; i++) {
        both += detection[i] && truth[i];
        either += detection[i] || truth[i];
        own += detection[i];
    }
    return both == 0 ? 0 : (double)both / (is_crowd ? own : either);
}

static int count_pixels(const bool *pixels) {
    int count = 0;
    for (int i = 0; i < SIZE; i++) count += pixels[i];
    return count;
}

static void compare_scene(struct scene *scene, const struct painted *truths,
                          const struct painted *detections, int *seen) {
    for (uint32_t d = 0; d < EACH; d++) {
        assert_true(masks_area(&scene->masks, d) == count_pixels(detections[d].pixels));
        for (uint32_t t = 0; t < EACH; t++) {
            double due = overlap_of_pixels(detections[d].pixels, truths[t].pixels, t % 2 == 1);
            double overlap = overlap_of_masks(&scene->masks, &scene->objects, d, t);
            if (overlap != due) {
                fail_msg("%s and %s: %.17g, not %.17g", detections[d].text, truths[t].text, overlap,
                         due);
            }
            *seen += due > 0;
        }
    }
}

static void masks_overlap_as_their_pixels_do(void **state) {
    (void)state;
    static struct painted truths[EACH], detections[EACH];
    uint64_t seed = 31;
    int seen = 0;
    for (int i = 0; i < 800; i++) {
        struct scene scene;
        scene_init(&scene);
        for (uint32_t j = 0; j < EACH; j++) {
            struct painted *truth = &truths[j];
            struct painted *detection = &detections[j];
            paint_random(truth, &seed);
            paint_random(detection, &seed);
            add_truth(&scene, truth->text[0] ? truth->text : NULL, &truth->bbox, &picture,
                      j % 2 == 1);
            add_detection(&scene, detection->text[0] ? detection->text : NULL, &detection->bbox,
                          &picture);
        }
        masks_finish(&scene.masks);
        compare_scene(&scene, truths, detections, &seen);
        scene_free(&scene);
    }
    assert_true(seen > 10000);
}

/* ---- by hand ------------------------------------------------------------------------------ */

static void pairs_by_hand_overlap(void **state) {
    (void)state;
    static const struct {
        const char *detection;
        const char *truth;
        bool is_crowd;
        double due;
    } cases[] = {
        {"{\"size\":[2,3],\"counts\":[1,3,2]}", "{\"size\":[2,3],\"counts\":[1,3,2]}", false, 1},
        {"{\"size\":[2,3],\"counts\":[1,3,2]}", "{\"size\":[2,3],\"counts\":[3,3]}", false, 1. / 5},
        {"{\"size\":[2,3],\"counts\":[1,3,2]}", "{\"size\":[2,3],\"counts\":[3,3]}", true, 1. / 3},
        {"{\"size\":[2,3],\"counts\":[1,2,3]}", "{\"size\":[2,3],\"counts\":[3,3]}", false, 0},
        {"{\"size\":[2,3],\"counts\":[6]}", "{\"size\":[2,3],\"counts\":[0,6]}", false, 0},
        {"{\"size\":[2,3],\"counts\":[6]}", "{\"size\":[2,3],\"counts\":[6]}", true, 0},
        {"{\"size\":[0,3],\"counts\":[]}", "{\"size\":[0,3],\"counts\":[]}", false, 0},
        /* Not of the same size. */
        {"{\"size\":[2,3],\"counts\":[0,6]}", "{\"size\":[3,2],\"counts\":[0,6]}", false, -1},
        {"[[0,0,1,0,1,1,0,1]]", "{\"size\":[3,2],\"counts\":[0,6]}", false, -1},
        /* Empty runs: pycocotools stops where both have one, and not where one has. */
        {"{\"size\":[2,3],\"counts\":[1,2,0,3]}", "{\"size\":[2,3],\"counts\":[1,5]}", false, 1},
        {"{\"size\":[2,3],\"counts\":[1,2,0,3]}", "{\"size\":[2,3],\"counts\":[0,2,0,4]}", false,
         5. / 6},
        {"{\"size\":[2,3],\"counts\":[1,2,0,3]}", "{\"size\":[2,3],\"counts\":[0,3,0,3]}", false,
         2. / 3},
        {"{\"size\":[2,3],\"counts\":[1,2,0,3]}", "{\"size\":[2,3],\"counts\":[0,3,0,3]}", true,
         2. / 5},
        {"{\"size\":[2,3],\"counts\":[1,0,0,5]}", "{\"size\":[2,3],\"counts\":[1,0,0,5]}", false,
         0},
        {"{\"size\":[2,3],\"counts\":[1,5,0]}", "{\"size\":[2,3],\"counts\":[1,5,0]}", false, 1},
    };
    static const struct bbox none = {0};
    static const struct picture nine = {9, 9};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene;
        scene_init(&scene);
        add_truth(&scene, cases[i].truth, &none, &nine, cases[i].is_crowd);
        add_detection(&scene, cases[i].detection, &none, &nine);
        double overlap = overlap_of_masks(&scene.masks, &scene.objects, 0, 0);
        if (overlap != cases[i].due) {
            fail_msg("%s and %s: %.17g", cases[i].detection, cases[i].truth, overlap);
        }
        assert_int_equal(scene.masks.unreadable, 0);
        scene_free(&scene);
    }
}

/* A box stands for a mask that is missing, or that cannot be read; users are told. */
static void a_box_stands_for_a_mask(void **state) {
    (void)state;
    static const struct {
        const char *text;
        struct picture picture;
        size_t without, unreadable, unsized;
    } cases[] = {
        {NULL, {9, 9}, 1, 0, 0},
        {"null", {9, 9}, 1, 0, 0},
        {"[]", {9, 9}, 1, 0, 0},
        {"[[]]", {9, 9}, 1, 0, 0},
        {"7", {9, 9}, 0, 1, 0},
        {"[[1,2,\"x\",3]]", {9, 9}, 0, 1, 0},
        {"[[1,2", {9, 9}, 0, 1, 0},
        {"{\"size\":[9,9],\"counts\":[80]}", {9, 9}, 0, 1, 0},
        {NULL, {0, 9}, 1, 0, 1},
        {"[[2,3,6,3,6,8,2,8]]", {9, 0}, 0, 0, 1},
        {"[[2,3,6,3,6,8,2,8]]", {9, 9}, 0, 0, 0},
    };
    static const struct bbox box = {2, 3, 4, 5};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene;
        scene_init(&scene);
        add_truth(&scene, cases[i].text, &box, &cases[i].picture, false);
        assert_int_equal(scene.masks.truths_without, cases[i].without);
        assert_int_equal(scene.masks.unreadable, cases[i].unreadable);
        assert_int_equal(scene.masks.unsized, cases[i].unsized);
        add_detection(&scene, NULL, &box, &cases[i].picture);
        assert_int_equal(scene.masks.truths_without, cases[i].without);
        assert_true(masks_area(&scene.masks, 0) == 20);
        assert_true(overlap_of_masks(&scene.masks, &scene.objects, 0, 0) == 1);
        scene_free(&scene);
    }
}

/* Another thread may read the second halves of both sides. */
static void masks_of_others_are_appended(void **state) {
    (void)state;
    static const struct bbox box = {2, 3, 4, 5};
    static const struct picture nine = {9, 9};
    static const char *const truths[] = {"[[0,0,5,0,5,7,0,7]]", NULL,
                                         "{\"size\":[9,9],\"counts\":[20,30,31]}"};
    static const char *const texts[] = {"{\"size\":[9,9],\"counts\":[1,30,50]}", NULL, "7",
                                        "[[2,3,6,3,6,8,2,8]]"};
    struct scene whole, first, second;
    struct err err;
    scene_init(&whole);
    scene_init(&first);
    scene_init(&second);
    for (uint32_t i = 0; i < 6; i++) {
        add_truth(&whole, truths[i % 3], &box, &nine, false);
        add_truth(i < 2 ? &first : &second, truths[i % 3], &box, &nine, false);
    }
    for (uint32_t i = 0; i < 8; i++) {
        add_detection(&whole, texts[i % 4], &box, &nine);
        add_detection(i < 3 ? &first : &second, texts[i % 4], &box, &nine);
    }
    assert_true(masks_append(&first.masks, &second.masks, &err));
    assert_int_equal(first.masks.unreadable, 2);
    assert_int_equal(first.masks.truths_without, 2);
    for (uint32_t i = 0; i < 8; i++) {
        assert_true(masks_area(&first.masks, i) == masks_area(&whole.masks, i));
        for (uint32_t truth = 0; truth < 6; truth++) {
            double overlap = overlap_of_masks(&whole.masks, &whole.objects, i, truth);
            assert_true(overlap > 0);
            assert_true(overlap_of_masks(&first.masks, &whole.objects, i, truth) == overlap);
        }
    }
    scene_free(&whole);
    scene_free(&first);
    scene_free(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_overlap_as_their_pixels_do),
        cmocka_unit_test(pairs_by_hand_overlap),
        cmocka_unit_test(a_box_stands_for_a_mask),
        cmocka_unit_test(masks_of_others_are_appended),
    };
    return cmocka_run_group_tests_name("masks", tests, NULL, NULL);
}
