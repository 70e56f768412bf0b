/* What AP would be without one type of error. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/findings.h"
#include "evaluation/repairs.h"
#include "evaluation_objects.h"

enum {
    POINTS_MAX = 128
};

/* AP of points, H for a hit and M for a miss, in their order: as TIDE's APDataObject has it. */
static double ap(const char *points, unsigned truths) {
    double precisions[POINTS_MAX], recalls[POINTS_MAX];
    size_t count = strlen(points);
    unsigned hits = 0;
    double sum = 0;
    if (truths == 0) return 0;
    for (size_t i = 0; i < count; i++) {
        hits += points[i] == 'H';
        precisions[i] = (double)hits / (double)(i + 1);
        recalls[i] = (double)hits / truths;
    }
    for (size_t i = count; i-- > 1;) precisions[i - 1] = fmax(precisions[i - 1], precisions[i]);
    for (int r = 0; r <= 100; r++) {
        size_t i = 0;
        while (i < count && recalls[i] < r / 100.) i++;
        sum += i < count ? precisions[i] : 0;
    }
    return sum / 101;
}

static struct repairs measure(const struct scene *scene, const struct selection *selection) {
    struct objects objects;
    struct findings findings;
    struct repairs repairs;
    struct err err;
    scene_build(&objects, scene);
    assert_true(findings_find(&findings, &objects, 1, NULL, &err));
    assert_true(repairs_measure(&repairs, &objects, selection, &findings, &err));
    findings_free(&findings);
    objects_free(&objects);
    return repairs;
}

/* gains: of the types that gain anything. */
static void assert_repairs(const struct scene *scene, double before, const double gains[OUTCOMES]) {
    struct repairs repairs = measure(scene, NULL);
    if (repairs.ap != before) fail_msg("AP is %.17g, not %.17g", repairs.ap, before);
    for (int i = 0; i < OUTCOMES; i++) {
        bool is_error = i != OUTCOME_TRUE_POSITIVE && i != OUTCOME_IGNORED;
        double due = is_error ? gains[i] : -1;
        if (repairs.dap[i] == due) continue;
        fail_msg("%s gains %.17g, not %.17g", outcome_name((enum outcome)i), repairs.dap[i], due);
    }
}

static void the_surest_badly_placed_one_becomes_a_hit(void **state) {
    (void)state;
    static const struct truth_row truths[] = {{0, 0, {0, 0, 10, 10}, false},
                                              {0, 0, {50, 0, 10, 10}, false}};
    static const struct detection_row detections[] = {
        {0, 0, .9, {0, 0, 10, 10}},
        {0, 0, .8, {0, 0, 9, 10}},  /* a duplicate */
        {0, 0, .7, {50, 0, 3, 10}}, /* badly placed */
        {0, 0, .6, {50, 0, 4, 10}}, /* likewise */
    };
    double before = ap("HMMM", 2);
    assert_true(before == 51. / 101);
    assert_repairs(&(struct scene){1, 1, truths, 2, detections, 4}, before,
                   (double[OUTCOMES]){[OUTCOME_LOCALISATION] = ap("HMH", 2) - before});
}

static void one_of_the_wrong_class_moves_to_the_right_one(void **state) {
    (void)state;
    static const struct truth_row truths[] = {{0, 0, {0, 0, 10, 10}, false},
                                              {0, 1, {50, 0, 10, 10}, false}};
    static const struct detection_row detections[] = {
        {0, 0, .7, {0, 0, 10, 10}},
        {0, 0, .9, {50, 0, 9, 10}}, /* of class 1 in truth */
        {0, 0, .8, {50, 0, 8, 10}}, /* too late: it goes */
        {0, 1, .6, {99, 0, 8, 10}}, /* background */
    };
    double before = (ap("MMH", 1) + ap("M", 1)) / 2;
    double right = (ap("H", 1) + ap("HM", 1)) / 2;
    assert_repairs(&(struct scene){1, 2, truths, 2, detections, 4}, before,
                   (double[OUTCOMES]){[OUTCOME_CLASSIFICATION] = right - before});
}

static void duplicates_background_and_both_go(void **state) {
    (void)state;
    static const struct truth_row truths[] = {{0, 0, {0, 0, 10, 10}, false},
                                              {0, 0, {50, 0, 10, 10}, false},
                                              {0, 1, {80, 0, 10, 10}, false}};
    static const struct detection_row detections[] = {
        {0, 0, .9, {20, 0, 10, 10}},                            /* background */
        {0, 0, .8, {0, 0, 10, 10}},  {0, 0, .7, {0, 0, 9, 10}}, /* a duplicate */
        {0, 0, .6, {80, 0, 4, 10}},                             /* both */
        {0, 0, .5, {50, 0, 10, 10}}, {0, 1, .4, {80, 0, 10, 10}},
    };
    double before = (ap("MHMMH", 2) + 1) / 2;
    double without_one = (ap("MHMH", 2) + 1) / 2 - before;
    double without_first = (ap("HMMH", 2) + 1) / 2 - before;
    assert_repairs(&(struct scene){1, 2, truths, 3, detections, 6}, before,
                   (double[OUTCOMES]){[OUTCOME_BACKGROUND] = without_first,
                                      [OUTCOME_DUPLICATE] = without_one,
                                      [OUTCOME_BOTH] = without_one});
}

static void missed_ones_are_not_asked_for(void **state) {
    (void)state;
    static const struct truth_row truths[] = {{0, 0, {0, 0, 10, 10}, false},
                                              {0, 0, {50, 0, 10, 10}, false},
                                              {0, 0, {0, 0, 90, 10}, true}};
    static const struct detection_row detection = {0, 0, .9, {0, 0, 10, 10}};
    double before = ap("H", 2);
    assert_repairs(&(struct scene){1, 1, truths, 3, &detection, 1}, before,
                   (double[OUTCOMES]){[OUTCOME_MISSED] = 1 - before});
}

/* A hit in the first image, background in the second, a badly placed one in the third, all with the
 * same score. */
static void of_equal_scores_errors_come_first_after_a_repair(void **state) {
    (void)state;
    static const struct truth_row truths[] = {{0, 0, {0, 0, 10, 10}, false},
                                              {2, 0, {0, 0, 10, 10}, false}};
    static const struct detection_row detections[] = {
        {0, 0, .5, {0, 0, 10, 10}}, {1, 0, .5, {0, 0, 10, 10}}, {2, 0, .5, {0, 0, 3, 10}}};
    double before = ap("HMM", 2);
    double right = ap("MHH", 2) - before;
    assert_repairs(
        &(struct scene){3, 1, truths, 2, detections, 3}, before,
        (double[OUTCOMES]){
            [OUTCOME_LOCALISATION] = right, [OUTCOME_BACKGROUND] = fmax(0, ap("MH", 2) - before)});
}

/* Moves into a class between detections of the same score. */
static void moves_come_by_score_image_and_place(void **state) {
    (void)state;
    static const struct truth_row truths[] = {{0, 1, {0, 0, 10, 10}, false},
                                              {1, 1, {0, 0, 10, 10}, false},
                                              {2, 1, {0, 0, 10, 10}, false}};
    static const struct detection_row detections[] = {
        {0, 0, .5, {0, 0, 10, 10}},  /* moves */
        {0, 1, .5, {50, 0, 10, 10}}, /* background */
        {1, 0, .5, {0, 0, 10, 10}},  /* moves */
        {2, 1, .5, {50, 0, 10, 10}}, /* background */
        {2, 0, .4, {0, 0, 10, 10}},  /* moves */
    };
    double right = ap("HMHMH", 3); /* class 0 does not count any more: it is empty */
    assert_repairs(&(struct scene){3, 2, truths, 3, detections, 5}, 0,
                   (double[OUTCOMES]){[OUTCOME_CLASSIFICATION] = right});
}

/* 35 * .01, cocoeval's recall point, is more than 35 / 100. */
static void recall_points_are_hundredths(void **state) {
    (void)state;
    static struct truth_row truths[100];
    static struct detection_row detections[35];
    for (uint32_t i = 0; i < 100; i++) {
        truths[i] = (struct truth_row){i, 0, {0, 0, 10, 10}, false};
        if (i < 35) detections[i] = (struct detection_row){i, 0, .5, {0, 0, 10, 10}};
    }
    assert_true(measure(&(struct scene){100, 1, truths, 100, detections, 35}, NULL).ap ==
                36. / 101);
}

static void a_class_without_ground_truth_counts_while_it_has_detections(void **state) {
    (void)state;
    static const struct truth_row truth = {0, 0, {0, 0, 10, 10}, false};
    static const struct detection_row detections[] = {{0, 0, .9, {0, 0, 10, 10}},
                                                      {0, 1, .8, {50, 0, 10, 10}}};
    assert_repairs(&(struct scene){1, 3, &truth, 1, detections, 2}, .5,
                   (double[OUTCOMES]){[OUTCOME_BACKGROUND] = .5});
}

static void an_ignored_one_can_be_repaired(void **state) {
    (void)state;
    static const struct truth_row truths[] = {{0, 0, {0, 0, 10, 10}, false},
                                              {0, 0, {0, 0, 90, 10}, true}};
    static const struct detection_row detections[] = {{0, 0, .9, {40, 0, 10, 10}},
                                                      {0, 0, .8, {0, 0, 3, 10}}};
    assert_repairs(&(struct scene){1, 1, truths, 2, detections, 2}, 0,
                   (double[OUTCOMES]){[OUTCOME_LOCALISATION] = 1});
}

static void where_nothing_is_left_there_is_no_number(void **state) {
    (void)state;
    static const struct detection_row detection = {0, 0, .9, {0, 0, 10, 10}};
    assert_repairs(&(struct scene){1, 1, NULL, 0, NULL, 0}, -1,
                   (double[OUTCOMES]){-1, -1, -1, -1, -1, -1, -1, -1});
    assert_repairs(&(struct scene){1, 1, NULL, 0, &detection, 1}, 0,
                   (double[OUTCOMES]){[OUTCOME_BACKGROUND] = -1});
}

static void detections_that_are_not_looked_at_do_not_count(void **state) {
    (void)state;
    static const struct truth_row truth = {0, 0, {0, 0, 10, 10}, false};
    static struct detection_row detections[CROSS_CLASS_DEPTH + 1];
    for (size_t i = 0; i < CROSS_CLASS_DEPTH; i++) {
        detections[i] = (struct detection_row){0, 1, .9, {50, 0, 10, 10}};
    }
    detections[CROSS_CLASS_DEPTH] = (struct detection_row){0, 0, .8, {0, 0, 10, 10}};
    struct repairs repairs =
        measure(&(struct scene){1, 2, &truth, 1, detections, CROSS_CLASS_DEPTH + 1}, NULL);
    assert_true(repairs.ap == 0 && repairs.dap[OUTCOME_LOCALISATION] == 0);
}

static void a_selection_measures_its_part(void **state) {
    (void)state;
    static const struct truth_row truths[] = {{0, 0, {0, 0, 10, 10}, false},
                                              {1, 1, {0, 0, 10, 10}, false},
                                              {2, 1, {0, 0, 10, 10}, false}};
    static const struct detection_row detections[] = {
        {0, 0, .9, {0, 0, 10, 10}},
        {1, 0, .8, {0, 0, 10, 10}}, /* of class 1 in truth */
        {2, 0, .7, {0, 0, 10, 10}}, /* likewise, in an image that is not selected */
    };
    static const bool images[] = {true, true, false};
    static const bool categories[] = {false, true};
    struct scene scene = {3, 2, truths, 3, detections, 3};
    struct repairs repairs = measure(&scene, &(struct selection){images, NULL});
    double before = (ap("HM", 1) + ap("", 1)) / 2;
    assert_true(repairs.ap == before);
    assert_true(repairs.dap[OUTCOME_CLASSIFICATION] == 1 - before);
    repairs = measure(&scene, &(struct selection){images, categories});
    assert_true(repairs.ap == 0);
    assert_true(repairs.dap[OUTCOME_CLASSIFICATION] == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_surest_badly_placed_one_becomes_a_hit),
        cmocka_unit_test(one_of_the_wrong_class_moves_to_the_right_one),
        cmocka_unit_test(duplicates_background_and_both_go),
        cmocka_unit_test(missed_ones_are_not_asked_for),
        cmocka_unit_test(of_equal_scores_errors_come_first_after_a_repair),
        cmocka_unit_test(moves_come_by_score_image_and_place),
        cmocka_unit_test(recall_points_are_hundredths),
        cmocka_unit_test(a_class_without_ground_truth_counts_while_it_has_detections),
        cmocka_unit_test(an_ignored_one_can_be_repaired),
        cmocka_unit_test(where_nothing_is_left_there_is_no_number),
        cmocka_unit_test(detections_that_are_not_looked_at_do_not_count),
        cmocka_unit_test(a_selection_measures_its_part),
    };
    return cmocka_run_group_tests_name("repairs", tests, NULL, NULL);
}
