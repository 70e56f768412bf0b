/* Precision, recall, F1 and calibration, from verdicts by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/operating_point.h"
#include "evaluation_objects.h"
#include "random.h"

enum {
    ROWS = 160,
    CLASSES = 3,
    IMAGES = 2
};

/* A detection: H is a hit, M a miss, I ignored, i ignored though matched. */
struct row {
    uint32_t image;
    uint32_t category;
    double score;
    char verdict;
};

struct measured {
    struct objects objects;
    struct settings settings;
    struct verdict verdicts[ROWS];
    struct operation classes[CLASSES];
    struct operation all;
};

/* truths: so many of each class, in image 0. */
static void build(struct measured *measured, const struct row *rows, size_t count,
                  const unsigned truths[CLASSES]) {
    static struct detection_row detections[ROWS];
    static struct truth_row truth_rows[ROWS];
    size_t truth_count = 0;
    for (uint32_t k = 0; k < CLASSES; k++) {
        for (unsigned i = 0; i < truths[k]; i++) {
            truth_rows[truth_count++] = (struct truth_row){0, k, {500, 0, 10, 10}, false};
        }
    }
    for (size_t i = 0; i < count; i++) {
        detections[i] =
            (struct detection_row){rows[i].image, rows[i].category, rows[i].score, {0, 0, 10, 10}};
    }
    scene_build(&measured->objects,
                &(struct scene){IMAGES, CLASSES, truth_rows, truth_count, detections, count});
    settings_init(&measured->settings, IOU_BBOX);
    for (uint32_t i = 0; i < count; i++) {
        char verdict = rows[measured->objects.detections[i].row].verdict;
        measured->verdicts[i] =
            (struct verdict){verdict == 'H' || verdict == 'i', verdict == 'I' || verdict == 'i'};
    }
}

static void measure(struct measured *measured, const struct selection *selection) {
    struct err err;
    assert_true(operations_measure(&measured->objects, &measured->settings, selection,
                                   measured->verdicts, measured->classes, &measured->all, &err));
}

static void assert_point(const char *name, const struct point *is, const struct point *due) {
    if (is->confidence != due->confidence || is->true_positives != due->true_positives ||
        is->false_positives != due->false_positives ||
        is->false_negatives != due->false_negatives || is->precision != due->precision ||
        is->recall != due->recall || is->f1 != due->f1) {
        fail_msg("%s: at %g: %d right, %d wrong, %d missed, %.17g, %.17g, %.17g", name,
                 is->confidence, (int)is->true_positives, (int)is->false_positives,
                 (int)is->false_negatives, is->precision, is->recall, is->f1);
    }
}

/* ---- points --------------------------------------------------------------------------------- */

struct points {
    const char *name;
    unsigned truths;
    struct row rows[8]; /* a verdict of 0 ends them */
    struct point at;
    struct point best;
};

static const struct points points[] = {
    {"nothing at all", 0, {{0}}, {.25, 0, 0, 0, -1, -1, -1}, {-1, 0, 0, 0, -1, -1, -1}},
    {"no detection", 3, {{0}}, {.25, 0, 0, 3, -1, 0, 0}, {-1, 0, 0, 3, -1, 0, 0}},
    {"no ground truth",
     0,
     {{0, 0, .5, 'M'}, {0, 0, .4, 'M'}},
     {.25, 0, 2, 0, 0, -1, 0},
     {.5, 0, 1, 0, 0, -1, 0}},
    {"no hit: the highest score",
     2,
     {{0, 0, .4, 'M'}, {0, 0, .5, 'M'}, {1, 0, .5, 'M'}},
     {.25, 0, 3, 2, 0, 0, 0},
     {.5, 0, 2, 2, 0, 0, 0}},
    {"a score that is the confidence is taken",
     2,
     {{0, 0, .5, 'H'}, {0, 0, .25, 'H'}, {0, 0, .2499, 'M'}},
     {.25, 2, 0, 0, 1, 1, 1},
     {.25, 2, 0, 0, 1, 1, 1}},
    {"the best point lies under the confidence",
     3,
     {{0, 0, .9, 'M'}, {0, 0, .2, 'H'}, {0, 0, .1, 'H'}, {0, 0, .05, 'M'}},
     {.25, 0, 1, 3, 0, 0, 0},
     {.1, 2, 1, 1, 2. / 3, 2. / 3, 4. / 6}},
    {"equal scores stand or fall together",
     2,
     {{0, 0, .8, 'H'}, {1, 0, .6, 'H'}, {0, 0, .6, 'M'}, {1, 0, .6, 'M'}},
     {.25, 2, 2, 0, .5, 1, 4. / 6},
     {.8, 1, 0, 1, 1, .5, 2. / 3}},
    {"of equal F1 the highest confidence",
     2,
     {{0, 0, .8, 'H'}, {0, 0, .7, 'M'}, {0, 0, .6, 'M'}, {0, 0, .5, 'H'}},
     {.25, 2, 2, 0, .5, 1, 4. / 6},
     {.8, 1, 0, 1, 1, .5, 2. / 3}},
    {"what is ignored does not count",
     1,
     {{0, 0, .8, 'I'}, {0, 0, .7, 'i'}, {0, 0, .6, 'H'}},
     {.25, 1, 0, 0, 1, 1, 1},
     {.6, 1, 0, 0, 1, 1, 1}},
};

static size_t row_count(const struct row *rows, size_t limit) {
    size_t count = 0;
    while (count < limit && rows[count].verdict) count++;
    return count;
}

static void points_are_measured(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct measured measured;
        const unsigned truths[CLASSES] = {points[i].truths};
        build(&measured, points[i].rows, row_count(points[i].rows, 8), truths);
        measure(&measured, NULL);
        assert_point(points[i].name, &measured.classes[0].at, &points[i].at);
        assert_point(points[i].name, &measured.classes[0].best, &points[i].best);
        assert_point(points[i].name, &measured.all.at, &points[i].at);
        assert_point(points[i].name, &measured.all.best, &points[i].best);
        objects_free(&measured.objects);
    }
}

static void only_ranks_within_the_largest_cut_count(void **state) {
    (void)state;
    static const struct row rows[] = {{0, 0, .9, 'M'}, {0, 0, .8, 'H'}, {0, 0, .7, 'H'}};
    struct measured measured;
    build(&measured, rows, 3, (unsigned[CLASSES]){2});
    measured.settings.max_det_count = 1;
    measured.settings.max_dets[0] = 2;
    measure(&measured, NULL);
    assert_point("all", &measured.all.at, &(struct point){.25, 1, 1, 1, .5, .5, .5});
    assert_int_equal(measured.all.detections, 2);
    objects_free(&measured.objects);
}

static void ground_truths_count_within_the_first_area(void **state) {
    (void)state;
    static const struct row row = {0, 0, .9, 'H'};
    struct measured measured;
    build(&measured, &row, 1, (unsigned[CLASSES]){3});
    measured.objects.truths[0].is_ignored = true;
    measured.objects.truths[1].area = 5;
    measured.settings.areas[0].low = 5;
    measured.objects.truths[2].area = 4.99;
    measure(&measured, NULL);
    assert_int_equal(measured.all.truths, 1);
    assert_true(measured.all.at.f1 == 1);
    objects_free(&measured.objects);
}

static void verdicts_for_points_are_at_one_threshold(void **state) {
    (void)state;
    struct settings settings;
    settings_init(&settings, IOU_BBOX);
    settings.iou = .7;
    struct settings single = operations_settings(&settings);
    assert_int_equal(single.threshold_count, 1);
    assert_true(single.thresholds[0] == .7);
    assert_int_equal(settings_depth(&single), settings_depth(&settings));
}

/* ---- classes -------------------------------------------------------------------------------- */

static void a_selection_measures_its_part(void **state) {
    (void)state;
    static const struct row rows[] = {
        {0, 0, .9, 'H'}, {0, 2, .7, 'H'}, {0, 1, .8, 'M'}, {1, 2, .6, 'M'}, {0, 2, .5, 'M'}};
    static const bool images[] = {true, false};
    static const bool categories[] = {true, false, true};
    struct measured measured;
    build(&measured, rows, 5, (unsigned[CLASSES]){1, 1, 2});
    memset(measured.classes, 77, sizeof measured.classes);
    struct operation untouched = measured.classes[1];
    measure(&measured, &(struct selection){images, categories});
    assert_memory_equal(&measured.classes[1], &untouched, sizeof untouched);
    assert_point("class", &measured.classes[2].at, &(struct point){.25, 1, 1, 1, .5, .5, .5});
    assert_point("all", &measured.all.at, &(struct point){.25, 2, 1, 1, 2. / 3, 2. / 3, 4. / 6});
    assert_point("all", &measured.all.best, &(struct point){.7, 2, 0, 1, 1, 2. / 3, 4. / 5});
    assert_int_equal(measured.all.truths, 3);
    assert_int_equal(measured.all.detections, 3);
    objects_free(&measured.objects);
}

/* The best point over all classes, by trying every score. */
static struct point best_slowly(const struct row *rows, size_t count, unsigned truths) {
    struct point best = {.f1 = -1};
    for (size_t i = 0; i < count; i++) {
        uint64_t hits = 0, taken = 0;
        for (size_t j = 0; j < count; j++) {
            bool is_taken = rows[j].verdict != 'I' && rows[j].score >= rows[i].score;
            hits += is_taken && rows[j].verdict == 'H';
            taken += is_taken;
        }
        double f1 = 2. * (double)hits / (double)(taken + truths);
        if (rows[i].verdict == 'I' || f1 < best.f1) continue;
        if (f1 == best.f1 && rows[i].score <= best.confidence) continue;
        best = (struct point){.confidence = rows[i].score,
                              .true_positives = hits,
                              .false_positives = taken - hits,
                              .f1 = f1};
    }
    return best;
}

static void the_best_point_of_all_classes_is_found(void **state) {
    (void)state;
    static const double scales[] = {1, -1, 1e305, 1e-310, 1e-200};
    uint64_t seed = 3;
    for (int round = 0; round < 400; round++) {
        struct measured measured;
        struct row rows[ROWS];
        size_t count = 1 + random_below(&seed, ROWS);
        size_t scores = 1 + random_below(&seed, 300);
        double scale = scales[random_below(&seed, sizeof scales / sizeof *scales)];
        unsigned hits = 0;
        for (size_t i = 0; i < count; i++) {
            char verdict = "HMMMI"[random_below(&seed, 5)];
            hits += verdict == 'H';
            rows[i] = (struct row){(uint32_t)random_below(&seed, IMAGES),
                                   (uint32_t)random_below(&seed, CLASSES),
                                   (double)random_below(&seed, scores) / 100 * scale, verdict};
        }
        if (round % 8 == 0) rows[0].score = -1e308; /* far from the others */
        unsigned truths = hits < ROWS / 2 ? hits + 9 : hits;
        build(&measured, rows, count, (unsigned[CLASSES]){truths});
        measure(&measured, NULL);
        if (measured.all.detections > 0) {
            struct point due = best_slowly(rows, count, truths);
            assert_true(measured.all.best.confidence == due.confidence);
            assert_true(measured.all.best.f1 == due.f1);
            assert_int_equal(measured.all.best.true_positives, due.true_positives);
            assert_int_equal(measured.all.best.false_positives, due.false_positives);
        }
        objects_free(&measured.objects);
    }
}

/* ---- calibration ---------------------------------------------------------------------------- */

/* The bin into which a single score falls. */
static unsigned bin_of(double score) {
    const struct row row = {0, 0, score, 'M'};
    struct measured measured;
    unsigned bin = 0;
    build(&measured, &row, 1, (unsigned[CLASSES]){0});
    measure(&measured, NULL);
    while (measured.all.calibration.bins[bin].count == 0) bin++;
    objects_free(&measured.objects);
    return bin;
}

static void scores_fall_into_bins_by_their_edges(void **state) {
    (void)state;
    for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
        double edge = i / 10.;
        assert_int_equal(bin_of(edge), i);
        assert_int_equal(bin_of(nextafter(edge, -1)), i > 0 ? i - 1 : 0);
        assert_int_equal(bin_of(nextafter(edge, 2)), i);
    }
    assert_int_equal(bin_of(-1e300), 0);
    assert_int_equal(bin_of(1), 9);
    assert_int_equal(bin_of(1e300), 9);
}

static void confidence_is_held_against_precision(void **state) {
    (void)state;
    static const struct row rows[] = {
        {0, 0, .9375, 'H'}, {0, 0, .96875, 'M'},                   /* .953125 and .5 */
        {0, 1, .25, 'M'},   {1, 1, .25, 'H'},    {0, 1, .25, 'M'}, /* .25 and 1/3 */
        {0, 1, .01, 'I'},   {0, 1, -1, 'M'},
    };
    struct measured measured;
    build(&measured, rows, 7, (unsigned[CLASSES]){2, 2});
    measure(&measured, NULL);
    const struct calibration *all = &measured.all.calibration;
    assert_int_equal(all->bins[9].count, 2);
    assert_int_equal(all->bins[9].true_positives, 1);
    assert_true(all->bins[9].confidence == .953125 && all->bins[9].precision == .5);
    assert_true(all->bins[2].confidence == .25 && all->bins[2].precision == 1. / 3);
    assert_true(all->bins[0].count == 1 && all->bins[0].confidence == -1);
    assert_true(all->bins[5].count == 0 && all->bins[5].confidence == -1);
    assert_true(all->bins[5].precision == -1);
    assert_true(all->ece == (1. + 3 * (1. / 3 - .25) + 2 * .453125) / 6);
    assert_true(all->mce == 1);
    assert_true(measured.classes[0].calibration.ece == .453125);
    assert_true(measured.classes[0].calibration.mce == .453125);
    assert_true(measured.classes[2].calibration.ece == -1);
    assert_true(measured.classes[2].calibration.mce == -1);
    objects_free(&measured.objects);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_measured),
        cmocka_unit_test(only_ranks_within_the_largest_cut_count),
        cmocka_unit_test(ground_truths_count_within_the_first_area),
        cmocka_unit_test(verdicts_for_points_are_at_one_threshold),
        cmocka_unit_test(a_selection_measures_its_part),
        cmocka_unit_test(the_best_point_of_all_classes_is_found),
        cmocka_unit_test(scores_fall_into_bins_by_their_edges),
        cmocka_unit_test(confidence_is_held_against_precision),
    };
    return cmocka_run_group_tests_name("operating_point", tests, NULL, NULL);
}
