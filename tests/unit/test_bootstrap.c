/* Average precision with a weight for each image, and what resamples of the images say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/splitmix.h"
#include "evaluation/bootstrap.h"
#include "evaluation/numbers.h"
#include "scene.h"

/* ---- measuring with weights ---------------------------------------------------------------- */

/* A run, ready to be measured with any weights. */
struct bench {
    struct objects objects;
    struct settings settings;
    const struct selection *selection;
    struct verdict *verdicts;
    struct slots slots;
    struct truth_slots truths;
    struct ranking ranking;
    struct resample_plan plan;
    struct resample resample;
};

/* objects and settings are set. */
static void bench_begin(struct bench *bench, const struct selection *selection) {
    struct err err;
    bench->selection = selection;
    bench->verdicts = scene_verdicts(&bench->objects, &bench->settings);
    assert_true(slots_init(&bench->slots, &bench->objects, selection, &err));
    assert_true(truth_slots_init(&bench->truths, &bench->objects, &bench->settings, selection,
                                 &bench->slots, &err));
    assert_true(ranking_init(&bench->ranking, &bench->objects, &bench->settings, selection,
                             &bench->slots, bench->verdicts, NULL, &err));
    resample_plan(&bench->plan, &bench->settings, &bench->truths, &bench->slots);
    assert_true(resample_init(&bench->resample, &bench->plan, &err));
}

static void bench_end(struct bench *bench) {
    resample_free(&bench->resample);
    ranking_free(&bench->ranking);
    truth_slots_free(&bench->truths);
    slots_free(&bench->slots);
    free(bench->verdicts);
    objects_free(&bench->objects);
}

static bool measure_share(void *self, struct share *share) {
    struct bench *bench = self;
    return resample_measure(&bench->resample, &bench->ranking, share);
}

/* Measures with the weights that are set. */
static void measure(struct bench *bench) {
    static const uint32_t starts[2];
    struct err err;
    assert_true(share_work(1, starts, 1, measure_share, bench, NULL, &err));
}

static void set_weight(struct bench *bench, uint32_t slot, size_t lane, uint16_t weight) {
    bench->resample.weights[slot * RESAMPLE_LANES + lane] = weight;
}

static uint16_t weight_of(const struct bench *bench, uint32_t image, size_t lane) {
    uint32_t slot = bench->slots.of_images[image];
    return slot == SLOT_NONE ? 0 : bench->resample.weights[slot * RESAMPLE_LANES + lane];
}

/* ---- the same, slowly ---------------------------------------------------------------------- */

/* accumulate for one class and threshold, with each detection repeated as often as its image. Sets
 * the RECALL_POINTS precisions; -1 where there is no ground truth. */
static void slow_curve(const struct bench *bench, size_t lane, size_t t, uint32_t k, double *q) {
    static double recall[1 << 12];
    static double precision[1 << 12];
    const struct objects *objects = &bench->objects;
    double truths = 0;
    double tp = 0;
    double fp = 0;
    size_t count = 0;
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        if (truth->category != k || !truth_counts(truth, &bench->settings.areas[0])) continue;
        truths += weight_of(bench, truth->image, lane);
    }
    for (uint32_t i = objects->class_starts[k]; i < objects->class_starts[k + 1]; i++) {
        struct verdict verdict = bench->verdicts[objects->by_class[i]];
        const struct detection *detection = &objects->detections[objects->by_class[i]];
        if (detection->rank >= settings_depth(&bench->settings)) continue;
        if (verdict.ignored >> t & 1) continue;
        for (size_t copy = weight_of(bench, detection->image, lane); copy > 0; copy--) {
            bool is_hit = verdict.matched >> t & 1;
            tp += is_hit;
            fp += !is_hit;
            recall[count] = tp / truths;
            precision[count++] = tp / (fp + tp + 0x1p-52);
        }
    }
    for (size_t i = count; i-- > 1;) {
        if (precision[i] > precision[i - 1]) precision[i - 1] = precision[i];
    }
    for (size_t r = 0; r < RECALL_POINTS; r++) {
        size_t at = 0;
        while (at < count && recall[at] < (double)r * .01) at++;
        q[r] = truths == 0 ? -1 : at < count ? precision[at] : 0;
    }
}

/* Mean over thresholds first..end-1, recall points, and the selected of the classes k..last. */
static double slow_mean(const struct bench *bench, size_t lane, size_t first, size_t end,
                        uint32_t k, uint32_t last) {
    static double q[8][RECALL_POINTS];
    static double values[THRESHOLDS_MAX * RECALL_POINTS * 8];
    size_t count = 0;
    for (size_t t = first; t < end; t++) {
        for (uint32_t i = k; i < last; i++) slow_curve(bench, lane, t, i, q[i]);
        for (size_t r = 0; r < RECALL_POINTS; r++) {
            for (uint32_t i = k; i < last; i++) {
                bool counts = selection_has_category(bench->selection, i) && q[i][r] > -1;
                if (counts) values[count++] = q[i][r];
            }
        }
    }
    return mean(values, count);
}

static void assert_slow_agrees(const struct bench *bench) {
    uint32_t classes = (uint32_t)bench->objects.category_count;
    size_t thresholds = bench->settings.threshold_count;
    for (size_t lane = 0; lane < bench->plan.lanes; lane++) {
        for (size_t m = 0; m < bench->plan.metric_count; m++) {
            int t = bench->plan.metrics[m].threshold;
            double slow = t == ALL_THRESHOLDS
                              ? slow_mean(bench, lane, 0, thresholds, 0, classes)
                              : slow_mean(bench, lane, (size_t)t, (size_t)t + 1, 0, classes);
            assert_true(bench->resample.metrics[m][lane] == slow);
        }
        for (uint32_t k = 0; k < classes; k++) {
            assert_true(bench->resample.classes[k * RESAMPLE_LANES + lane] ==
                        slow_mean(bench, lane, 0, thresholds, k, k + 1));
        }
    }
}

/* ---- weights ------------------------------------------------------------------------------- */

/* Draws settings: COCO's, or others. */
static void random_settings(struct settings *settings, uint64_t *state) {
    struct err err;
    settings_init(settings, IOU_BBOX);
    if (random_below(state, 3) == 0) {
        assert_true(settings_read_areas(settings, "some:100-1500,all:0-1e10", &err));
        assert_true(settings_read_thresholds(settings, "0.3,0.5,0.9", &err));
    }
    if (random_below(state, 3) == 0) assert_true(settings_read_max_dets(settings, "1,2", &err));
}

static void random_selection(struct selection *selection, uint64_t *state) {
    static bool images[16];
    static bool categories[16];
    for (size_t i = 0; i < 16; i++) {
        images[i] = random_below(state, 4) > 0;
        categories[i] = random_below(state, 4) > 0;
    }
    *selection = (struct selection){random_below(state, 2) ? images : NULL,
                                    random_below(state, 2) ? categories : NULL};
}

static void weights_are_copies(void **state) {
    (void)state;
    uint64_t random = 7;
    for (int round = 0; round < 500; round++) {
        struct bench bench;
        struct selection selection;
        scene_random(&bench.objects, &random, &random);
        random_settings(&bench.settings, &random);
        random_selection(&selection, &random);
        bench_begin(&bench, &selection);
        for (uint32_t slot = 0; slot < bench.slots.count; slot++) {
            for (size_t lane = 0; lane < bench.plan.lanes; lane++) {
                set_weight(&bench, slot, lane, (uint16_t)random_below(&random, 4));
            }
        }
        measure(&bench);
        assert_slow_agrees(&bench);
        bench_end(&bench);
    }
}

static void weights_of_one_give_the_numbers_of_the_evaluation(void **state) {
    (void)state;
    uint64_t random = 8;
    for (int round = 0; round < 300; round++) {
        struct bench bench;
        struct numbers numbers;
        struct selection selection;
        struct err err;
        scene_random(&bench.objects, &random, &random);
        random_settings(&bench.settings, &random);
        random_selection(&selection, &random);
        bench_begin(&bench, &selection);
        for (uint32_t slot = 0; slot < bench.slots.count; slot++) set_weight(&bench, slot, 0, 1);
        measure(&bench);
        assert_true(
            numbers_compute(&numbers, &bench.objects, &bench.settings, &selection, 1, NULL, &err));
        for (size_t m = 0; m < bench.plan.metric_count; m++) {
            assert_string_equal(bench.plan.metrics[m].name, numbers.metrics[m].name);
            assert_true(bench.resample.metrics[m][0] == numbers.stats[m]);
        }
        for (size_t k = 0; k < bench.objects.category_count; k++) {
            assert_true(bench.resample.classes[k * RESAMPLE_LANES] ==
                        numbers.class_stats[k * numbers.metric_count]);
        }
        numbers_free(&numbers);
        bench_end(&bench);
    }
}

/* Many ground truths: several of them between two recall points. */
static void recall_points_may_lie_far_apart(void **state) {
    (void)state;
    uint64_t random = 9;
    struct bench bench;
    scene_begin(&bench.objects, 40, 1);
    for (uint32_t i = 0; i < 400; i++) {
        struct bbox box = {.x = 100.0 * i, .w = 50, .h = 50};
        scene_add_truth(&bench.objects, i % 40, 0, box, false);
        if (random_below(&random, 4) == 0) box.y = 500;
        scene_add_detection(&bench.objects, i % 40, 0, box, (double)random_below(&random, 50));
    }
    scene_end(&bench.objects);
    settings_init(&bench.settings, IOU_BBOX);
    bench_begin(&bench, NULL);
    for (size_t lane = 0; lane < RESAMPLE_LANES; lane++) {
        bootstrap_draw(lane, 0, 40, bench.resample.weights + lane, RESAMPLE_LANES);
    }
    measure(&bench);
    assert_slow_agrees(&bench);
    bench_end(&bench);
}

/* With very many classes or thresholds, lanes stay empty, so that memory is bounded. */
static void many_classes_take_fewer_lanes(void **state) {
    (void)state;
    struct settings settings;
    struct resample_plan plan;
    struct slots slots = {.count = 1};
    settings_init(&settings, IOU_BBOX);
    struct {
        size_t classes;
        size_t lanes;
    } cases[] = {{1, 8}, {80, 8}, {600, 6}, {1203, 3}, {100000, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct truth_slots truths = {.classes = cases[i].classes};
        resample_plan(&plan, &settings, &truths, &slots);
        assert_int_equal(plan.lanes, cases[i].lanes);
    }
}

/* ---- draws --------------------------------------------------------------------------------- */

static void numbers_are_those_of_splitmix(void **state) {
    (void)state;
    /* The values that implementations are checked with. */
    static const uint64_t due[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                   4593380528125082431u, 16408922859458223821u};
    uint64_t seed = 1234567;
    for (size_t i = 0; i < 5; i++) {
        assert_true(splitmix_at(1234567, i) == due[i]);
        assert_true(splitmix_next(&seed) == due[i]);
    }
}

static void a_draw_has_as_many_images_as_there_are(void **state) {
    (void)state;
    uint16_t weights[2 * 1000];
    for (uint32_t slots = 0; slots <= 1000; slots += 50) {
        size_t sum = 0;
        memset(weights, 0xff, sizeof weights);
        bootstrap_draw(42, slots, slots, weights, 2);
        for (uint32_t i = 0; i < slots; i++) {
            sum += weights[(size_t)2 * i];
            assert_int_equal(weights[2 * i + 1], 0xffff);
        }
        assert_int_equal(sum, slots);
    }
}

/* Two images in 4,096 draws: both once in about half of them, each twice in about a quarter. */
static void all_draws_of_two_images_come_up(void **state) {
    (void)state;
    int counts[3] = {0};
    for (uint32_t i = 0; i < 4096; i++) {
        uint16_t weights[2];
        bootstrap_draw(1, i, 2, weights, 1);
        assert_int_equal(weights[0] + weights[1], 2);
        counts[weights[0]]++;
    }
    assert_in_range(counts[0], 924, 1124);
    assert_in_range(counts[1], 1898, 2198);
    assert_in_range(counts[2], 924, 1124);
}

/* ---- intervals ----------------------------------------------------------------------------- */

/* Two images with a ground truth each. A finds the first, B the second, or both where `best`. */
static void two_images(struct objects *a, struct objects *b, bool best) {
    const struct bbox box = {10, 10, 40, 40};
    scene_begin(a, 2, 1);
    scene_begin(b, 2, 1);
    for (uint32_t image = 0; image < 2; image++) {
        scene_add_truth(a, image, 0, box, false);
        scene_add_truth(b, image, 0, box, false);
    }
    scene_add_detection(a, 0, 0, box, .9);
    if (best) scene_add_detection(b, 0, 0, box, .9);
    scene_add_detection(b, 1, 0, box, .8);
    scene_end(a);
    scene_end(b);
}

struct pair {
    struct objects objects[2];
    struct settings settings;
    struct bootstrap_request request;
};

/* The objects are set. */
static void pair_begin(struct pair *pair, size_t runs, uint32_t resamples, unsigned threads) {
    settings_init(&pair->settings, IOU_BBOX);
    pair->request = (struct bootstrap_request){.run_count = runs,
                                               .settings = &pair->settings,
                                               .resamples = resamples,
                                               .seed = 0,
                                               .threads = threads};
    for (size_t i = 0; i < runs; i++) {
        pair->request.runs[i] = (struct bootstrap_run){
            &pair->objects[i], scene_verdicts(&pair->objects[i], &pair->settings)};
    }
}

static void pair_end(struct pair *pair) {
    for (size_t i = 0; i < pair->request.run_count; i++) {
        free((void *)pair->request.runs[i].verdicts);
        objects_free(&pair->objects[i]);
    }
}

/* Counts the draws in which the first image comes up twice, and not at all. */
static void count_draws(uint32_t resamples, uint32_t *twice, uint32_t *never) {
    *twice = 0;
    *never = 0;
    for (uint32_t i = 0; i < resamples; i++) {
        uint16_t weights[2];
        bootstrap_draw(0, i, 2, weights, 1);
        *twice += weights[0] == 2;
        *never += weights[0] == 0;
    }
}

static void assert_near(double left, double right) {
    assert_true(left - right < 1e-12 && right - left < 1e-12);
}

/* AP of A: 1 where only the first image was drawn, 51 of 101 recall points where both, else 0. */
static void two_images_can_be_counted(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap bootstrap;
    struct err err;
    uint32_t twice;
    uint32_t never;
    two_images(&pair.objects[0], &pair.objects[1], false);
    pair_begin(&pair, 2, 1000, 1);
    assert_true(bootstrap_make(&bootstrap, &pair.request, &err));
    count_draws(1000, &twice, &never);
    const struct bootstrap_number *ap = &bootstrap.numbers[0];
    assert_string_equal(bootstrap.metrics[0].name, "AP");
    assert_string_equal(bootstrap.metrics[1].name, "AP50");
    assert_string_equal(bootstrap.metrics[2].name, "AP75");
    assert_int_equal(ap->resamples, 1000);
    /* B wins where the first image was not drawn; where both were, it is a tie. */
    assert_near(ap->wins, (never + .5 * (1000 - twice - never)) / 1000);
    assert_near(ap->runs[0].low, 0);
    assert_near(ap->runs[0].high, 1);
    assert_near(ap->difference.low, -1);
    assert_near(ap->difference.high, 1);
    assert_memory_equal(ap, &bootstrap.classes[0], sizeof *ap);
    bootstrap_free(&bootstrap);
    pair_end(&pair);
}

static void a_run_that_is_never_worse_wins_or_ties(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap bootstrap;
    struct err err;
    uint32_t twice;
    uint32_t never;
    two_images(&pair.objects[0], &pair.objects[1], true);
    pair_begin(&pair, 2, 1000, 1);
    assert_true(bootstrap_make(&bootstrap, &pair.request, &err));
    count_draws(1000, &twice, &never);
    assert_near(bootstrap.numbers[0].wins, (1000 - .5 * twice) / 1000);
    assert_near(bootstrap.numbers[0].difference.low, 0);
    assert_near(bootstrap.numbers[0].difference.high, 1);
    assert_near(bootstrap.numbers[0].runs[1].low, 1);
    bootstrap_free(&bootstrap);
    pair_end(&pair);
}

static void a_run_against_itself_is_a_tie(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap bootstrap;
    struct err err;
    for (size_t i = 0; i < 2; i++) {
        uint64_t random = 21;
        scene_random(&pair.objects[i], &random, &random);
    }
    pair_begin(&pair, 2, 100, 2);
    assert_true(bootstrap_make(&bootstrap, &pair.request, &err));
    assert_true(bootstrap.numbers[0].wins == .5);
    assert_true(bootstrap.numbers[0].difference.low == 0);
    assert_true(bootstrap.numbers[0].difference.high == 0);
    assert_true(bootstrap.numbers[0].runs[0].low < bootstrap.numbers[0].runs[0].high);
    bootstrap_free(&bootstrap);
    pair_end(&pair);
}

/* The interval of one number is that number; of five, type 7 of Hyndman and Fan. */
static void a_single_resample_is_its_own_interval(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap bootstrap;
    struct err err;
    two_images(&pair.objects[0], &pair.objects[1], false);
    pair_begin(&pair, 2, 1, 2);
    assert_true(bootstrap_make(&bootstrap, &pair.request, &err));
    for (size_t i = 0; i < 2; i++) {
        assert_true(bootstrap.numbers[0].runs[i].low == bootstrap.numbers[0].runs[i].high);
    }
    bootstrap_free(&bootstrap);
    pair_end(&pair);
}

static void what_has_no_ground_truth_has_no_interval(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap bootstrap;
    struct err err;
    const struct bbox box = {1, 1, 9, 9};
    scene_begin(&pair.objects[0], 3, 2);
    scene_add_truth(&pair.objects[0], 1, 1, box, false);
    scene_add_detection(&pair.objects[0], 0, 0, box, .5);
    scene_end(&pair.objects[0]);
    pair_begin(&pair, 1, 300, 1);
    assert_true(bootstrap_make(&bootstrap, &pair.request, &err));
    assert_int_equal(bootstrap.classes[0].resamples, 0);
    assert_true(bootstrap.classes[0].runs[0].low == -1);
    assert_true(bootstrap.classes[0].wins == -1);
    /* The image with the ground truth is not in (2/3)^3 of the draws. */
    assert_in_range(bootstrap.classes[1].resamples, 180, 240);
    assert_int_equal(bootstrap.numbers[0].resamples, bootstrap.classes[1].resamples);
    assert_true(bootstrap.classes[1].runs[0].high == 0);
    assert_true(bootstrap.classes[1].wins == -1);
    bootstrap_free(&bootstrap);
    pair_end(&pair);
}

static void an_empty_selection_has_no_numbers(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap bootstrap;
    struct err err;
    const bool none[2] = {false, false};
    const struct selection selection = {none, NULL};
    two_images(&pair.objects[0], &pair.objects[1], false);
    pair_begin(&pair, 2, 50, 2);
    pair.request.selection = &selection;
    assert_true(bootstrap_make(&bootstrap, &pair.request, &err));
    assert_int_equal(bootstrap.numbers[0].resamples, 0);
    bootstrap_free(&bootstrap);
    pair_end(&pair);
}

/* ---- threads, bounds ----------------------------------------------------------------------- */

static void the_seed_alone_decides(void **state) {
    (void)state;
    for (uint64_t round = 1; round <= 10; round++) {
        struct pair pair;
        struct bootstrap first;
        struct bootstrap other;
        struct err err;
        uint64_t detections = round + 100;
        for (size_t i = 0; i < 2; i++) {
            uint64_t truths = round;
            scene_random(&pair.objects[i], &truths, &detections);
        }
        pair_begin(&pair, 2, 123, 1);
        assert_true(bootstrap_make(&first, &pair.request, &err));
        for (unsigned threads = 2; threads <= 70; threads += 17) {
            pair.request.threads = threads;
            assert_true(bootstrap_make(&other, &pair.request, &err));
            assert_memory_equal(first.numbers, other.numbers, sizeof first.numbers);
            assert_memory_equal(first.classes, other.classes,
                                first.class_count * sizeof *first.classes);
            bootstrap_free(&other);
        }
        bootstrap_free(&first);
        pair_end(&pair);
    }
}

/* A single run gets the interval that it has in a pair. */
static void one_run_is_measured_like_a_pair(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap both;
    struct bootstrap one;
    struct err err;
    for (size_t i = 0; i < 2; i++) {
        uint64_t truths = 5;
        uint64_t detections = 6 + i;
        scene_random(&pair.objects[i], &truths, &detections);
    }
    pair_begin(&pair, 2, 200, 2);
    assert_true(bootstrap_make(&both, &pair.request, &err));
    pair.request.run_count = 1;
    assert_true(bootstrap_make(&one, &pair.request, &err));
    pair.request.run_count = 2;
    assert_memory_equal(&one.numbers[0].runs[0], &both.numbers[0].runs[0],
                        sizeof one.numbers[0].runs[0]);
    assert_true(one.numbers[0].wins == -1);
    bootstrap_free(&one);
    bootstrap_free(&both);
    pair_end(&pair);
}

static void too_many_resamples_are_refused(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap bootstrap;
    struct err err;
    scene_begin(&pair.objects[0], 1, 20000);
    scene_end(&pair.objects[0]);
    pair_begin(&pair, 1, 5000, 1);
    assert_false(bootstrap_make(&bootstrap, &pair.request, &err));
    assert_int_equal(err.code, ERR_BAD_REQUEST);
    assert_string_equal(err.message, "5000 resamples are too many for 20000 classes: at most 1677");
    bootstrap_free(&bootstrap);
    pair_end(&pair);
}

static void a_stop_ends_it(void **state) {
    (void)state;
    struct pair pair;
    struct bootstrap bootstrap;
    struct err err;
    struct progress progress = {.stop = true};
    two_images(&pair.objects[0], &pair.objects[1], false);
    pair_begin(&pair, 2, 1000, 2);
    pair.request.progress = &progress;
    assert_false(bootstrap_make(&bootstrap, &pair.request, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    bootstrap_free(&bootstrap);
    pair_end(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_copies),
        cmocka_unit_test(weights_of_one_give_the_numbers_of_the_evaluation),
        cmocka_unit_test(recall_points_may_lie_far_apart),
        cmocka_unit_test(many_classes_take_fewer_lanes),
        cmocka_unit_test(numbers_are_those_of_splitmix),
        cmocka_unit_test(a_draw_has_as_many_images_as_there_are),
        cmocka_unit_test(all_draws_of_two_images_come_up),
        cmocka_unit_test(two_images_can_be_counted),
        cmocka_unit_test(a_run_that_is_never_worse_wins_or_ties),
        cmocka_unit_test(a_run_against_itself_is_a_tie),
        cmocka_unit_test(a_single_resample_is_its_own_interval),
        cmocka_unit_test(what_has_no_ground_truth_has_no_interval),
        cmocka_unit_test(an_empty_selection_has_no_numbers),
        cmocka_unit_test(the_seed_alone_decides),
        cmocka_unit_test(one_run_is_measured_like_a_pair),
        cmocka_unit_test(too_many_resamples_are_refused),
        cmocka_unit_test(a_stop_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
