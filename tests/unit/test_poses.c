/* Keypoints are as alike as cocoeval says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/metrics.h"
#include "evaluation/objects.h"
#include "evaluation/poses.h"

/* A truth and a detection. */
struct scene {
    struct objects objects;
    struct poses poses;
    bool is_unlabelled;
    struct err err;
};

static void scene_init(struct scene *scene, size_t points) {
    struct settings settings;
    settings_init(&settings, IOU_KEYPOINTS);
    if (points != settings.sigma_count) {
        settings.sigma_count = points;
        for (size_t i = 0; i < points; i++) settings.sigmas[i] = .25 * (double)(i + 1);
    }
    memset(scene, 0, sizeof *scene);
    objects_init(&scene->objects);
    poses_init(&scene->poses, &settings);
}

static void scene_free(struct scene *scene) {
    objects_free(&scene->objects);
    poses_free(&scene->poses);
}

static struct slice slice_of(const char *text) {
    return (struct slice){text, text ? strlen(text) : 0};
}

static bool add_truth(struct scene *scene, const char *text, const char *extra,
                      const struct bbox *bbox, double area) {
    struct truth truth = {.bbox = *bbox, .area = area};
    return poses_add_truth(&scene->poses, slice_of(text), slice_of(extra), 12,
                           &scene->is_unlabelled, &scene->err) &&
           objects_add_truth(&scene->objects, &truth, &scene->err);
}

static bool add_detection(struct scene *scene, const char *text) {
    static const struct bbox none = {0};
    struct detection detection = {0};
    return poses_add_detection(&scene->poses, slice_of(text), 34, &scene->err) &&
           objects_add_detection(&scene->objects, &detection, 34, &none, &scene->err);
}

static double compare(struct scene *scene, const char *truth, const struct bbox *bbox, double area,
                      const char *detection) {
    assert_true(add_truth(scene, truth, NULL, bbox, area));
    assert_true(add_detection(scene, detection));
    return overlap_of_poses(&scene->poses, &scene->objects, 0, 0);
}

static const struct bbox no_box = {0};

/* ---- likeness ----------------------------------------------------------------------------- */

enum {
    POINTS = 17,
    ROOM = 2048
};

/* Where point i of the poses below is; the truth and two detections. */
static double place(int kind, int i, int part) {
    static const double from[] = {10, 20};
    double at = part == 0 ? from[0] + 7 * i % 40 : from[1] + 11 * i % 50;
    if (kind == 1) at += part == 0 ? i % 4 - 1.5 : i % 5 * .75;
    if (kind == 2) at = part == 0 ? -40 + 8 * i : 100 - 9 * i;
    return at;
}

/* visibility: of all points, or -1 for 0, 1, 2, 0, 1 … */
static void write_pose(char *into, int kind, int visibility) {
    size_t len = 0;
    for (int i = 0; i < POINTS; i++) {
        len += (size_t)snprintf(into + len, ROOM - len, "%s%g, %g, %d", i ? ", " : "[",
                                place(kind, i, 0), place(kind, i, 1),
                                visibility < 0 ? i % 3 : visibility);
    }
    snprintf(into + len, ROOM - len, "]");
}

/* Computed with pycocotools 2.0.11. */
static void poses_are_as_alike_as_cocoeval_says(void **state) {
    (void)state;
    static const struct {
        int visibility; /* of the truth; 0: its box decides */
        int detection;
        struct bbox bbox;
        double area;
        double due;
    } cases[] = {
        {-1, 1, {10, 20, 40, 50}, 1500.5, 0.880629592296302},
        {2, 1, {10, 20, 40, 50}, 1500.5, 0.870877651138939},
        {2, 0, {10, 20, 40, 50}, 1500.5, 1},
        {0, 2, {10, 20, 30, 20}, 900, 0.4487079537877343},
        {0, 1, {10, 20, 30, 20}, 900, 0.8594551903326773},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene;
        char truth[ROOM], detection[ROOM];
        scene_init(&scene, POINTS);
        write_pose(truth, 0, cases[i].visibility);
        write_pose(detection, cases[i].detection, 1);
        double oks = compare(&scene, truth, &cases[i].bbox, cases[i].area, detection);
        if (fabs(oks - cases[i].due) > 1e-12) fail_msg("%.17g, not %.17g", oks, cases[i].due);
        scene_free(&scene);
    }
}

/* With sigmas of 1/4 and 1/2, variances are 1/4 and 1. */
static void likeness_by_hand(void **state) {
    (void)state;
    const double eps = 0x1p-52;
    const struct {
        const char *truth;
        const char *detection;
        struct bbox bbox;
        double area;
        double due;
    } cases[] = {
        {"[1,2,1,3,4,1]", "[1,2,0,3,4,0]", {0, 0, 0, 0}, 7, 1},
        {"[1,2,1,3,4,0]", "[2,4,1,9,9,1]", {0, 0, 0, 0}, 8, exp(-(5 / .25 / 8 / 2))},
        {"[1,2,0,3,4,2]", "[2,4,1,4,6,1]", {0, 0, 0, 0}, 8, exp(-(5. / 1 / 8 / 2))},
        {"[1,2,1,3,4,1]", "[2,2,1,4,4,1]", {0, 0, 0, 0}, 2, (exp(-1.) + exp(-.25)) / 2},
        {"[1,2,1,3,4,1]", "[1,2,1,3,4,1]", {0, 0, 0, 0}, 0, 1},
        {"[1,2,1,3,4,1]", "[1,3,1,3,4,1]", {0, 0, 0, 0}, 0, (exp(-(1 / .25 / eps / 2)) + 1) / 2},
        {"[0,0,0,0,0,0]", "[10,20,1,13,24,1]", {10, 20, 3, 4}, 7, 1},
        {"[0,0,0,0,0,0]", "[7,16,1,16,28,1]", {10, 20, 3, 4}, 7, 1},
        {"[0,0,0,0,0,0]",
         "[5,16,1,16,31,1]",
         {10, 20, 3, 4},
         8,
         (exp(-(4 / .25 / 8 / 2)) + exp(-(9. / 1 / 8 / 2))) / 2},
        {"[9,9,-1,9,9,0]", "[10,20,1,13,24,1]", {10, 20, 3, 4}, 7, 1},
        {NULL, "[10,20,1,13,24,1]", {10, 20, 3, 4}, 7, 1},
        {"[1,2,1,3,4,1]", NULL, {0, 0, 0, 0}, 7, 0},
        {"[1,2,1,3,4,1]", "[]", {0, 0, 0, 0}, 7, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene;
        scene_init(&scene, 2);
        double oks =
            compare(&scene, cases[i].truth, &cases[i].bbox, cases[i].area, cases[i].detection);
        if (oks != cases[i].due) fail_msg("case %zu: %.17g, not %.17g", i, oks, cases[i].due);
        scene_free(&scene);
    }
}

/* ---- reading ------------------------------------------------------------------------------ */

static void points_come_in_several_layouts(void **state) {
    (void)state;
    static const char *const truths[] = {
        "[1,2,1,3,4,1,5,6,1]", " [1, 2, 2, 3, 4, 2, 5, 6, 2] ", "[1,2,3,4,5,6]",
        "[[1,2],[3,4],[5,6]]", "[[1,2,1],[3,4,1],[5,6,1]]",     "[\"1\",2,1,3,4,1,5,6.0,1]",
    };
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        struct scene scene;
        scene_init(&scene, 3);
        double oks = compare(&scene, truths[i], &no_box, 100, truths[(i + 1) % 5]);
        assert_true(oks == 1);
        assert_false(scene.is_unlabelled);
        assert_true(poses_area(&scene.poses, 0) == 16);
        assert_int_equal(scene.poses.unreadable, 0);
        scene_free(&scene);
    }
}

/* A file's own num_keypoints decides whether a truth is ignored, not its points. */
static void truths_without_labelled_points_are_ignored(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *extra;
        bool due;
    } cases[] = {
        {"[1,2,1,3,4,0]", NULL, false},
        {"[1,2,0,3,4,0]", NULL, true},
        {NULL, NULL, true},
        {"[]", NULL, true},
        {"[1,2,1,3,4,0]", "{\"num_keypoints\": 0}", true},
        {"[1,2,1,3,4,0]", "{\"num_keypoints\": 0.0, \"b\": [1]}", true},
        {"[1,2,0,3,4,0]", "{\"a\": {}, \"num_keypoints\": 5}", false},
        {NULL, "{\"num_keypoints\": 1}", false},
        {"[1,2,1,3,4,0]", "{\"num_keypoints\": null}", false},
        {"[1,2,0,3,4,0]", "{\"keypoints\": 1}", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene;
        scene_init(&scene, 2);
        assert_true(add_truth(&scene, cases[i].text, cases[i].extra, &no_box, 1));
        if (scene.is_unlabelled != cases[i].due) fail_msg("case %zu", i);
        scene_free(&scene);
    }
}

static void what_are_no_points_is_counted(void **state) {
    (void)state;
    static const char *const texts[] = {"{\"x\": 1}",       "7",         "[1,2,3",
                                        "[1,2,null,3,4,1]", "[[1,2],3]", "[[1],[2]]",
                                        "[[1,2],[\"a\",2]]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct scene scene;
        scene_init(&scene, 2);
        assert_true(add_truth(&scene, texts[i], NULL, &no_box, 1));
        assert_true(add_detection(&scene, texts[i]));
        assert_int_equal(scene.poses.unreadable, 2);
        assert_int_equal(scene.poses.detections_without, 1);
        assert_true(scene.is_unlabelled);
        assert_true(overlap_of_poses(&scene.poses, &scene.objects, 0, 0) == 0);
        assert_true(poses_area(&scene.poses, 0) == 0);
        scene_free(&scene);
    }
}

static void points_must_be_as_many_as_sigmas(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *detail;
    } cases[] = {
        {"[1,2,1,3,4,1,5,6,1]", "has 9 numbers, but there are 17 sigmas; give sigmas="},
        {"[[1,2,1],[3,4,1]]", "has 2 points, but there are 17 sigmas"},
        {"[1]", "has 1 numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene;
        scene_init(&scene, POINTS);
        assert_false(add_truth(&scene, cases[i].text, NULL, &no_box, 1));
        assert_int_equal(scene.err.code, ERR_BAD_REQUEST);
        assert_non_null(strstr(scene.err.message, "annotation 12 "));
        assert_non_null(strstr(scene.err.message, cases[i].detail));
        assert_false(add_detection(&scene, cases[i].text));
        assert_non_null(strstr(scene.err.message, "annotation 34 "));
        scene_free(&scene);
    }
}

/* Another thread may read the second halves of both sides. */
static void poses_of_others_are_appended(void **state) {
    (void)state;
    static const char *const truths[] = {"[1,2,2,3,4,2]", "[5,6,1,8,10,0]"};
    static const char *const texts[] = {"[1,2,1,3,4,1]", NULL, "[5,6,1,8,10,1]"};
    static const double areas[] = {4, 0, 12};
    struct scene first, second;
    scene_init(&first, 2);
    scene_init(&second, 2);
    for (size_t i = 0; i < 4; i++) {
        assert_true(add_truth(i < 1 ? &first : &second, truths[i % 2], NULL, &no_box, 9));
    }
    for (size_t i = 0; i < 6; i++) {
        assert_true(add_detection(i < 2 ? &first : &second, texts[i % 3]));
    }
    assert_true(poses_append(&first.poses, &second.poses, &first.err));
    assert_true(objects_append(&first.objects, &second.objects, &first.err));
    for (uint32_t i = 0; i < 6; i++) {
        assert_true(poses_area(&first.poses, i) == areas[i % 3]);
    }
    for (uint32_t truth = 0; truth < 4; truth++) {
        uint32_t same = truth % 2 ? 5 : 3;
        assert_true(overlap_of_poses(&first.poses, &first.objects, same, truth) == 1);
        assert_true(overlap_of_poses(&first.poses, &first.objects, 8 - same, truth) < 1);
    }
    assert_int_equal(first.poses.detections_without, 2);
    scene_free(&first);
    scene_free(&second);
}

/* ---- sums --------------------------------------------------------------------------------- */

/* By halves, both ones would be added before they meet the large number. */
static void numpy_adds_in_pieces(void **state) {
    (void)state;
    static double values[9090];
    values[0] = 0x1p53;
    values[5000] = 1;
    values[9000] = 1;
    assert_true(pairwise_sum(values, 9090) == 0x1p53);
    values[9000] = 0;
    values[8191] = 1;
    assert_true(pairwise_sum(values, 8192) == 0x1p53 + 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poses_are_as_alike_as_cocoeval_says),
        cmocka_unit_test(likeness_by_hand),
        cmocka_unit_test(points_come_in_several_layouts),
        cmocka_unit_test(truths_without_labelled_points_are_ignored),
        cmocka_unit_test(what_are_no_points_is_counted),
        cmocka_unit_test(points_must_be_as_many_as_sigmas),
        cmocka_unit_test(poses_of_others_are_appended),
        cmocka_unit_test(numpy_adds_in_pieces),
    };
    return cmocka_run_group_tests_name("poses", tests, NULL, NULL);
}
