/* Every detection and every ground truth has an outcome: TIDE's definitions, at their borders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/findings.h"
#include "evaluation_objects.h"
#include "random.h"

enum {
    ROWS = 4,
    NONE = -1
};

/* All boxes are 10 high, so {0, 0, w, 10} covers w / 10 of {0, 0, 10, 10}: exactly. */
struct expected {
    enum outcome outcome;
    int other; /* row */
    double iou;
    enum outcome error; /* where it differs: of detections that are ignored */
};

struct judged {
    const char *name;
    size_t truth_count;
    struct truth_row truths[ROWS];
    size_t detection_count;
    struct detection_row detections[ROWS];
    struct expected of_detections[ROWS];
    struct expected of_truths[ROWS];
};

static const struct judged cases[] = {
    {"an overlap of exactly .5 is a hit",
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 5, 10}}},
     {{OUTCOME_TRUE_POSITIVE, 0, .5, 0}},
     {{OUTCOME_TRUE_POSITIVE, 0, .5, 0}}},
    {"an overlap of exactly .1 is badly placed",
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 1, 10}}},
     {{OUTCOME_LOCALISATION, 0, .1, 0}},
     {{OUTCOME_LOCALISATION, 0, .1, 0}}},
    {"less than .1 is background",
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, .875, 10}}},
     {{OUTCOME_BACKGROUND, NONE, 0, 0}},
     {{OUTCOME_MISSED, NONE, 0, 0}}},
    {"exactly .5 of a taken one is badly placed",
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     2,
     {{0, 0, .8, {0, 0, 5, 10}}, {0, 0, .9, {0, 0, 10, 10}}},
     {{OUTCOME_LOCALISATION, 0, .5, 0}, {OUTCOME_TRUE_POSITIVE, 0, 1, 0}},
     {{OUTCOME_TRUE_POSITIVE, 1, 1, 0}}},
    {"more than .5 of a taken one is a duplicate",
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     2,
     {{0, 0, .9, {0, 0, 10, 10}}, {0, 0, .8, {0, 0, 6, 10}}},
     {{OUTCOME_TRUE_POSITIVE, 0, 1, 0}, {OUTCOME_DUPLICATE, 0, .6, 0}},
     {{OUTCOME_TRUE_POSITIVE, 0, 1, 0}}},
    {"of equal scores the first in the file is surer",
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     2,
     {{0, 0, .5, {0, 0, 6, 10}}, {0, 0, .5, {0, 0, 10, 10}}},
     {{OUTCOME_TRUE_POSITIVE, 0, .6, 0}, {OUTCOME_DUPLICATE, 0, 1, 0}},
     {{OUTCOME_TRUE_POSITIVE, 0, .6, 0}}},
    {"of equal overlaps the first in the file is taken",
     2,
     {{0, 0, {0, 0, 10, 10}, false}, {0, 0, {0, 0, 10, 10}, false}},
     2,
     {{0, 0, .8, {0, 0, 10, 10}}, {0, 0, .9, {0, 0, 10, 10}}},
     {{OUTCOME_TRUE_POSITIVE, 1, 1, 0}, {OUTCOME_TRUE_POSITIVE, 0, 1, 0}},
     {{OUTCOME_TRUE_POSITIVE, 1, 1, 0}, {OUTCOME_TRUE_POSITIVE, 0, 1, 0}}},
    {"exactly .5 of another class is the wrong class",
     1,
     {{0, 1, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 5, 10}}},
     {{OUTCOME_CLASSIFICATION, 0, .5, 0}},
     {{OUTCOME_CLASSIFICATION, 0, .5, 0}}},
    {"less of another class is both",
     1,
     {{0, 1, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 4, 10}}},
     {{OUTCOME_BOTH, 0, .4, 0}},
     {{OUTCOME_MISSED, NONE, 0, 0}}},
    {"exactly .1 of another class is background",
     1,
     {{0, 1, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 1, 10}}},
     {{OUTCOME_BACKGROUND, NONE, 0, 0}},
     {{OUTCOME_MISSED, NONE, 0, 0}}},
    {"of equal overlaps of two classes the first in the file is meant",
     2,
     {{0, 2, {0, 0, 10, 10}, false}, {0, 1, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {{OUTCOME_CLASSIFICATION, 0, 1, 0}},
     {{OUTCOME_CLASSIFICATION, 0, 1, 0}, {OUTCOME_MISSED, NONE, 0, 0}}},
    {"a bad place comes before a wrong class",
     2,
     {{0, 1, {0, 0, 8, 10}, false}, {0, 0, {8, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {{OUTCOME_LOCALISATION, 1, 20. / 180, 0}},
     {{OUTCOME_MISSED, NONE, 0, 0}, {OUTCOME_LOCALISATION, 0, 20. / 180, 0}}},
    {"a wrong class comes before a duplicate",
     2,
     {{0, 0, {0, 0, 10, 10}, false}, {0, 1, {0, 0, 10, 10}, false}},
     2,
     {{0, 0, .9, {0, 0, 10, 10}}, {0, 0, .8, {0, 0, 6, 10}}},
     {{OUTCOME_TRUE_POSITIVE, 0, 1, 0}, {OUTCOME_CLASSIFICATION, 1, .6, 0}},
     {{OUTCOME_TRUE_POSITIVE, 0, 1, 0}, {OUTCOME_CLASSIFICATION, 1, .6, 0}}},
    {"the surest error that points at a ground truth gives it its outcome",
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     3,
     {{0, 0, .7, {0, 0, 4, 10}}, {0, 1, .9, {0, 0, 6, 10}}, {0, 0, .8, {0, 0, 3, 10}}},
     {{OUTCOME_LOCALISATION, 0, .4, 0},
      {OUTCOME_CLASSIFICATION, 0, .6, 0},
      {OUTCOME_LOCALISATION, 0, .3, 0}},
     {{OUTCOME_CLASSIFICATION, 1, .6, 0}}},
    {"without a ground truth in the image all is background",
     1,
     {{1, 0, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {{OUTCOME_BACKGROUND, NONE, 0, 0}},
     {{OUTCOME_MISSED, NONE, 0, 0}}},
    {"what lies in a crowd of its class is ignored",
     1,
     {{0, 0, {0, 0, 100, 10}, true}},
     2,
     {{0, 0, .9, {0, 0, 10, 10}}, {0, 0, .8, {50, 0, 10, 10}}},
     {{OUTCOME_IGNORED, 0, 1, OUTCOME_BACKGROUND}, {OUTCOME_IGNORED, 0, 1, OUTCOME_BACKGROUND}},
     {{OUTCOME_IGNORED, NONE, 0, 0}}},
    {"half in a crowd is not enough",
     1,
     {{0, 0, {5, 0, 100, 10}, true}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {{OUTCOME_BACKGROUND, NONE, 0, 0}},
     {{OUTCOME_IGNORED, NONE, 0, 0}}},
    {"a crowd of another class is none",
     1,
     {{0, 1, {0, 0, 100, 10}, true}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {{OUTCOME_BACKGROUND, NONE, 0, 0}},
     {{OUTCOME_IGNORED, NONE, 0, 0}}},
    {"a hit in a crowd is a hit",
     2,
     {{0, 0, {0, 0, 100, 10}, true}, {0, 0, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {{OUTCOME_TRUE_POSITIVE, 1, 1, 0}},
     {{OUTCOME_IGNORED, NONE, 0, 0}, {OUTCOME_TRUE_POSITIVE, 0, 1, 0}}},
    {"an ignored error still points at its ground truth",
     2,
     {{0, 0, {0, 0, 10, 10}, false}, {0, 0, {0, 0, 100, 10}, true}},
     1,
     {{0, 0, .9, {0, 0, 3, 10}}},
     {{OUTCOME_IGNORED, 1, 1, OUTCOME_LOCALISATION}},
     {{OUTCOME_LOCALISATION, 0, .3, 0}, {OUTCOME_IGNORED, NONE, 0, 0}}},
};

static void find(struct findings *findings, const struct objects *objects, unsigned threads) {
    struct err err;
    assert_true(findings_find(findings, objects, threads, NULL, &err));
}

static void assert_finding(const char *name, const struct finding *is, const struct expected *due,
                           uint32_t other) {
    enum outcome error = due->outcome == OUTCOME_IGNORED ? due->error : due->outcome;
    if (is->outcome != due->outcome || is->error != error || is->other != other ||
        is->iou != due->iou) {
        fail_msg("%s: %s (%s) with %d by %g", name, outcome_name(is->outcome),
                 outcome_name(is->error), (int)is->other, is->iou);
    }
}

static void assert_judged(const struct judged *judged, const struct objects *objects,
                          const struct findings *findings) {
    for (uint32_t row = 0; row < judged->detection_count; row++) {
        const struct expected *due = &judged->of_detections[row];
        assert_finding(judged->name, &findings->detections[detection_of_row(objects, row)], due,
                       due->other == NONE ? FINDING_NONE
                                          : truth_of_row(objects, (uint32_t)due->other));
    }
    for (uint32_t row = 0; row < judged->truth_count; row++) {
        struct expected due = judged->of_truths[row];
        due.error = due.outcome;
        assert_finding(judged->name, &findings->truths[truth_of_row(objects, row)], &due,
                       due.other == NONE ? FINDING_NONE
                                         : detection_of_row(objects, (uint32_t)due.other));
    }
}

static void each_rule_holds_at_its_borders(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct objects objects;
        struct findings findings;
        const struct scene scene = {2,
                                    3,
                                    cases[i].truths,
                                    cases[i].truth_count,
                                    cases[i].detections,
                                    cases[i].detection_count};
        scene_build(&objects, &scene);
        find(&findings, &objects, 1);
        assert_judged(&cases[i], &objects, &findings);
        findings_free(&findings);
        objects_free(&objects);
    }
}

/* ---- many detections ------------------------------------------------------------------------ */

enum {
    MANY = CROSS_CLASS_DEPTH + 1
};

/* An image with a ground truth, far detections, and one on the ground truth with this score. */
static void build_many(struct objects *objects, double score) {
    static const struct truth_row truth = {0, 0, {0, 0, 10, 10}, false};
    static struct detection_row detections[MANY];
    for (size_t i = 0; i < MANY; i++) {
        detections[i] = (struct detection_row){0, 1, .5, {100, 0, 10, 10}};
    }
    detections[MANY - 1] = (struct detection_row){0, 0, score, {0, 0, 10, 10}};
    scene_build(objects, &(struct scene){1, 2, &truth, 1, detections, MANY});
}

static void only_the_surest_of_an_image_are_looked_at(void **state) {
    (void)state;
    struct objects objects;
    struct findings findings;
    build_many(&objects, .4);
    find(&findings, &objects, 1);
    const struct finding *last = &findings.detections[detection_of_row(&objects, MANY - 1)];
    assert_int_equal(last->outcome, OUTCOME_IGNORED);
    assert_int_equal(last->error, OUTCOME_IGNORED);
    assert_int_equal(last->other, FINDING_NONE);
    assert_int_equal(last->confused, CONFUSION_LEFT_OUT);
    assert_int_equal(findings.truths[0].outcome, OUTCOME_MISSED);
    findings_free(&findings);
    objects_free(&objects);

    build_many(&objects, .6);
    find(&findings, &objects, 1);
    last = &findings.detections[detection_of_row(&objects, MANY - 1)];
    assert_int_equal(last->outcome, OUTCOME_TRUE_POSITIVE);
    assert_int_equal(last->confused, 0);
    findings_free(&findings);
    objects_free(&objects);
}

static void a_smaller_cut_changes_nothing(void **state) {
    (void)state;
    static const struct truth_row truth = {0, 0, {0, 0, 10, 10}, false};
    static const struct detection_row detections[] = {{0, 0, .9, {50, 0, 10, 10}},
                                                      {0, 0, .8, {0, 0, 10, 10}}};
    struct objects objects;
    struct findings findings;
    struct err err;
    scene_build(&objects, &(struct scene){1, 1, &truth, 1, detections, 2});
    free(objects.overlaps);
    free(objects.overlap_starts);
    assert_true(overlaps_fill(&objects, 1, overlap_of_boxes, NULL, 1, NULL, &err));
    find(&findings, &objects, 1);
    assert_int_equal(findings.truths[0].outcome, OUTCOME_TRUE_POSITIVE);
    findings_free(&findings);
    objects_free(&objects);
}

/* ---- many images ---------------------------------------------------------------------------- */

enum {
    IMAGES = 50,
    EACH = 6
};

static void build_random(struct objects *objects) {
    static struct truth_row truths[IMAGES * EACH];
    static struct detection_row detections[IMAGES * EACH];
    uint64_t seed = 5;
    for (uint32_t i = 0; i < IMAGES * EACH; i++) {
        struct bbox one = {(double)random_below(&seed, 5), 0, 1 + (double)random_below(&seed, 9),
                           10};
        struct bbox two = {(double)random_below(&seed, 5), 0, 1 + (double)random_below(&seed, 9),
                           10};
        bool is_crowd = random_below(&seed, 8) == 0;
        truths[i] = (struct truth_row){(uint32_t)random_below(&seed, IMAGES),
                                       (uint32_t)random_below(&seed, 3), one, is_crowd};
        detections[i] =
            (struct detection_row){(uint32_t)random_below(&seed, IMAGES),
                                   (uint32_t)random_below(&seed, 3), (double)(i % 7) / 7, two};
    }
    scene_build(objects,
                &(struct scene){IMAGES, 3, truths, IMAGES * EACH, detections, IMAGES * EACH});
}

static void threads_find_the_same(void **state) {
    (void)state;
    struct objects objects;
    struct findings one, many;
    build_random(&objects);
    find(&one, &objects, 1);
    find(&many, &objects, 3);
    for (size_t i = 0; i < objects.detection_count; i++) {
        assert_int_equal(one.detections[i].outcome, many.detections[i].outcome);
        assert_int_equal(one.detections[i].other, many.detections[i].other);
        assert_int_equal(one.detections[i].confused, many.detections[i].confused);
    }
    for (size_t i = 0; i < objects.truth_count; i++) {
        assert_int_equal(one.truths[i].outcome, many.truths[i].outcome);
    }
    findings_free(&one);
    findings_free(&many);
    objects_free(&objects);
}

/* Counts by looking at every object. */
static void count_slowly(const struct findings *findings, const struct objects *objects,
                         const bool *images, uint32_t category, uint64_t of[OUTCOMES]) {
    memset(of, 0, OUTCOMES * sizeof *of);
    for (size_t i = 0; i < objects->detection_count; i++) {
        const struct detection *detection = &objects->detections[i];
        if (images[detection->image] && detection->category == category) {
            of[findings->detections[i].outcome]++;
        }
    }
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        bool counts = images[truth->image] && truth->category == category;
        of[OUTCOME_MISSED] += counts && findings->truths[i].outcome == OUTCOME_MISSED;
    }
}

static void outcomes_are_counted_by_class_within_a_slice(void **state) {
    (void)state;
    struct objects objects;
    struct findings findings;
    struct error_counts classes[3], all;
    bool images[IMAGES];
    static const bool categories[] = {true, false, true};
    for (size_t i = 0; i < IMAGES; i++) images[i] = i % 3 != 0;
    build_random(&objects);
    find(&findings, &objects, 1);
    memset(classes, 77, sizeof classes);
    struct error_counts untouched = classes[1];
    findings_count(&findings, &objects, &(struct selection){images, categories}, classes, &all);
    assert_memory_equal(&classes[1], &untouched, sizeof untouched);
    uint64_t sums[OUTCOMES] = {0};
    for (uint32_t k = 0; k < 3; k += 2) {
        uint64_t due[OUTCOMES];
        count_slowly(&findings, &objects, images, k, due);
        assert_memory_equal(classes[k].of, due, sizeof due);
        for (size_t i = 0; i < OUTCOMES; i++) sums[i] += due[i];
    }
    assert_memory_equal(all.of, sums, sizeof sums);
    findings_free(&findings);
    objects_free(&objects);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_holds_at_its_borders),
        cmocka_unit_test(only_the_surest_of_an_image_are_looked_at),
        cmocka_unit_test(a_smaller_cut_changes_nothing),
        cmocka_unit_test(threads_find_the_same),
        cmocka_unit_test(outcomes_are_counted_by_class_within_a_slice),
    };
    return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
