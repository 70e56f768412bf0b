/* Two runs side by side: images that flip, classes that change, and the document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/compare.h"
#include "evaluation/compare_document.h"
#include "scene.h"

static const struct bbox here = {10, 10, 40, 40};
static const struct bbox there = {200, 200, 40, 40};

struct pair {
    struct objects a;
    struct objects b;
    struct settings settings;
    struct compare_request request;
    struct compared compared;
};

static void pair_begin(struct pair *pair, size_t images, size_t classes) {
    scene_begin(&pair->a, images, classes);
    scene_begin(&pair->b, images, classes);
    settings_init(&pair->settings, IOU_BBOX);
    pair->request = (struct compare_request){
        .objects = {&pair->a, &pair->b}, .settings = &pair->settings, .threads = 1};
}

static void add_truth(struct pair *pair, uint32_t image, uint32_t k, struct bbox box,
                      bool is_crowd) {
    scene_add_truth(&pair->a, image, k, box, is_crowd);
    scene_add_truth(&pair->b, image, k, box, is_crowd);
}

static void pair_compare(struct pair *pair) {
    struct err err;
    scene_end(&pair->a);
    scene_end(&pair->b);
    assert_true(compare(&pair->compared, &pair->request, &err));
}

static void pair_end(struct pair *pair) {
    compared_free(&pair->compared);
    objects_free(&pair->a);
    objects_free(&pair->b);
}

/* ---- flips --------------------------------------------------------------------------------- */

/* What A and B detect in an image with one ground truth `here` of class 0; then what it counts
 * for: 'b' better, 'w' worse, '2' both, '0' neither. */
struct flip_case {
    const char *what;
    double a_here, b_here;   /* score of a detection `here`; 0: none */
    double a_there, b_there; /* likewise `there`, where nothing is */
    char due;
};

static const struct flip_case flip_cases[] = {
    {"both find it", .9, .8, 0, 0, '2'},
    {"only B finds it", 0, .8, 0, 0, 'b'},
    {"only A finds it", .9, 0, 0, 0, 'w'},
    {"none finds it", 0, 0, 0, 0, '0'},
    {"A has a false positive, too", .9, .8, .5, 0, 'b'},
    {"B has a false positive, too", .9, .8, 0, .5, 'w'},
    {"a false positive that is not confident", .9, .8, 0, .24, '2'},
    {"a false positive at the least confidence", .9, .8, 0, .25, 'w'},
    {"found without confidence", .9, .2, 0, 0, 'w'},
    {"found at the least confidence", .9, .25, 0, 0, '2'},
    {"only false positives", 0, 0, .9, .9, '0'},
};

static void add_case(struct pair *pair, const struct flip_case *one, uint32_t image) {
    add_truth(pair, image, 0, here, false);
    if (one->a_here > 0) scene_add_detection(&pair->a, image, 0, here, one->a_here);
    if (one->b_here > 0) scene_add_detection(&pair->b, image, 0, here, one->b_here);
    if (one->a_there > 0) scene_add_detection(&pair->a, image, 0, there, one->a_there);
    if (one->b_there > 0) scene_add_detection(&pair->b, image, 0, there, one->b_there);
}

static void an_image_flips_if_one_run_makes_no_mistake(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof flip_cases / sizeof *flip_cases; i++) {
        struct pair pair;
        pair_begin(&pair, 1, 1);
        add_case(&pair, &flip_cases[i], 0);
        pair_compare(&pair);
        const struct flips *flips = &pair.compared.flips;
        char due = flip_cases[i].due;
        print_message("# %s\n", flip_cases[i].what);
        assert_int_equal(flips->images, 1);
        assert_int_equal(flips->both, due == '2');
        assert_int_equal(flips->neither, due == '0');
        assert_int_equal(flips->better.count, due == 'b');
        assert_int_equal(flips->worse.count, due == 'w');
        pair_end(&pair);
    }
}

/* Image 0 has nothing, image 1 a crowd, image 2 a false positive of B, image 3 a ground truth of a
 * class that is not selected. */
static void images_without_ground_truths_are_right_if_nothing_is_detected(void **state) {
    (void)state;
    struct pair pair;
    const bool categories[] = {true, false};
    const bool images[] = {true, true, true, true, false};
    const struct selection selection = {images, categories};
    pair_begin(&pair, 5, 2);
    pair.request.selection = &selection;
    add_truth(&pair, 1, 0, here, true);
    scene_add_detection(&pair.a, 1, 0, here, .9);
    scene_add_detection(&pair.b, 2, 0, here, .9);
    add_truth(&pair, 3, 1, here, false);
    scene_add_detection(&pair.a, 3, 1, there, .9);
    add_truth(&pair, 4, 0, here, false);
    pair_compare(&pair);
    const struct flips *flips = &pair.compared.flips;
    assert_int_equal(flips->images, 4);
    assert_int_equal(flips->both, 3);
    assert_int_equal(flips->worse.count, 1);
    assert_int_equal(flips->worse.flips[0].image, 2);
    assert_int_equal(flips->worse.flips[0].runs[1].false_positives, 1);
    pair_end(&pair);
}

/* 150 images that only B gets right; A makes most mistakes in the last ones. */
static void lists_are_bounded_and_begin_with_most_mistakes(void **state) {
    (void)state;
    struct pair pair;
    pair_begin(&pair, 150, 1);
    for (uint32_t image = 0; image < 150; image++) {
        add_truth(&pair, image, 0, here, false);
        scene_add_detection(&pair.b, image, 0, here, .9);
        for (uint32_t i = 0; i < image / 50; i++) {
            scene_add_detection(&pair.a, image, 0, there, .9);
        }
    }
    pair_compare(&pair);
    const struct flip_list *better = &pair.compared.flips.better;
    assert_int_equal(better->count, 150);
    assert_int_equal(better->listed, FLIPS_MAX);
    assert_int_equal(better->flips[0].image, 100);
    assert_int_equal(better->flips[0].runs[0].false_positives, 2);
    assert_int_equal(better->flips[0].runs[0].false_negatives, 1);
    assert_int_equal(better->flips[0].runs[1].true_positives, 1);
    assert_int_equal(better->flips[49].image, 149);
    assert_int_equal(better->flips[50].image, 50);
    pair_end(&pair);
}

/* ---- classes ------------------------------------------------------------------------------- */

/* Class 0: B is better; 1: equal; 2: worse by 1; 3: no ground truth; 4: worse by less than 1. */
static void add_classes(struct pair *pair) {
    for (uint32_t k = 0; k < 5; k++) {
        if (k != 3) add_truth(pair, 0, k, here, false);
    }
    add_truth(pair, 1, 4, here, false);
    scene_add_detection(&pair->b, 0, 0, here, .9);
    scene_add_detection(&pair->a, 0, 1, here, .9);
    scene_add_detection(&pair->b, 0, 1, here, .8);
    scene_add_detection(&pair->a, 0, 2, here, .9);
    scene_add_detection(&pair->a, 0, 3, here, .9);
    scene_add_detection(&pair->a, 0, 4, here, .9);
}

static void classes_are_sorted_by_their_change(void **state) {
    (void)state;
    struct pair pair;
    pair_begin(&pair, 2, 5);
    add_classes(&pair);
    pair_compare(&pair);
    const struct compared *compared = &pair.compared;
    assert_int_equal(compared->changed_count, 3);
    assert_int_equal(compared->better_count, 1);
    assert_int_equal(compared->equal_count, 1);
    assert_int_equal(compared->changed[0].index, 0);
    assert_int_equal(compared->changed[1].index, 4);
    assert_int_equal(compared->changed[2].index, 2);
    assert_true(compared->changed[0].difference > .99);
    pair_end(&pair);
}

static void verdicts_follow_from_the_interval(void **state) {
    (void)state;
    struct {
        uint32_t resamples;
        double low, high;
        const char *due;
    } cases[] = {{0, -1, -1, "unknown"},  {9, .1, .2, "better"}, {9, -.2, -.1, "worse"},
                 {9, -.1, .2, "unclear"}, {9, 0, .2, "unclear"}, {9, -.2, 0, "unclear"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bootstrap_number number = {.resamples = cases[i].resamples,
                                          .difference = {cases[i].low, cases[i].high}};
        assert_string_equal(compare_verdict(&number), cases[i].due);
    }
}

static void runs_of_different_ground_truths_are_refused(void **state) {
    (void)state;
    struct pair pair;
    struct err err;
    pair_begin(&pair, 2, 1);
    add_truth(&pair, 0, 0, here, false);
    scene_add_truth(&pair.b, 1, 0, here, false);
    scene_end(&pair.a);
    scene_end(&pair.b);
    assert_false(compare(&pair.compared, &pair.request, &err));
    assert_int_equal(err.code, ERR_BAD_REQUEST);
    pair_end(&pair);
}

/* ---- the document -------------------------------------------------------------------------- */

static void assert_has(const char *text, const char *part) {
    if (strstr(text, part)) return;
    fail_msg("%s is not in %s", part, text);
}

/* Writes the document; class 1 has a name. */
static void pair_write(struct pair *pair, struct buf *document) {
    struct names categories;
    struct err err;
    names_init_categories(&categories);
    assert_true(names_add(&categories, 1, (struct slice){"a \"dog\"", 7}, &err));
    buf_init(document, 1 << 20);
    compare_write(document, &pair->compared, &pair->request, &categories);
    names_free(&categories);
}

static void the_document_has_all_of_it(void **state) {
    (void)state;
    struct pair pair;
    struct buf document;
    pair_begin(&pair, 2, 5);
    add_classes(&pair);
    pair.request.resamples = 50;
    pair.request.seed = 3;
    pair_compare(&pair);
    pair_write(&pair, &document);
    const char *text = buf_text(&document);
    assert_has(text, "{\"metrics\":{\"a\":{\"AP\":0.");
    assert_has(text, ",\"bootstrap\":{\"resamples\":50,\"seed\":3,\"metrics\":{\"AP\":{");
    assert_has(text, "{\"category_id\":4,\"category\":null,\"truths\":0,\"a\":{\"AP\":-1,");
    assert_has(text, "\"difference\":{\"AP\":null,");
    assert_has(text, "\"b_wins\":0.5,\"verdict\":\"unclear\"}");
    assert_has(text,
               "\"better\":[{\"category_id\":1,\"category\":\"a \\\"dog\\\"\",\"difference\":0.9");
    assert_has(text, "\"worse\":[{\"category_id\":3,\"category\":null,\"difference\":-0.9");
    assert_has(text, "\"equal\":1,\"flips\":{\"iou\":0.5,\"confidence\":0.25,\"images\":2,");
    assert_has(text, "\"worse\":{\"count\":0,\"images\":[]}}}");
    buf_free(&document);
    pair_end(&pair);
}

static void without_resamples_there_are_no_intervals(void **state) {
    (void)state;
    struct pair pair;
    struct buf document;
    pair_begin(&pair, 2, 5);
    add_classes(&pair);
    pair_compare(&pair);
    pair_write(&pair, &document);
    assert_has(buf_text(&document), ",\"bootstrap\":null,\"per_class\":[");
    assert_null(strstr(buf_text(&document), "verdict"));
    buf_free(&document);
    pair_end(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_flips_if_one_run_makes_no_mistake),
        cmocka_unit_test(images_without_ground_truths_are_right_if_nothing_is_detected),
        cmocka_unit_test(lists_are_bounded_and_begin_with_most_mistakes),
        cmocka_unit_test(classes_are_sorted_by_their_change),
        cmocka_unit_test(verdicts_follow_from_the_interval),
        cmocka_unit_test(runs_of_different_ground_truths_are_refused),
        cmocka_unit_test(the_document_has_all_of_it),
        cmocka_unit_test(without_resamples_there_are_no_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
