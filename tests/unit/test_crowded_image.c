/* An image may have any number of pairs: work within it is interrupted, and has a bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/findings.h"
#include "evaluation/objects.h"
#include "evaluation/operating_point.h"
#include "evaluation/overlaps.h"
#include "evaluation/points.h"
#include "evaluation/verdicts.h"

enum {
    DETECTIONS = 100,
    TRUTHS = 300, /* 30,000 pairs */
    CROWDED = 1,  /* index of the image; its id is 7 */
    NEVER = 1000000
};

/* ---- objects ----------------------------------------------------------------------------- */

static void add_truth(struct objects *objects, uint32_t image, int64_t id) {
    struct err err;
    struct truth truth = {.annotation_id = id, .area = 100, .bbox = {1, 1, 10, 10}, .image = image};
    assert_true(objects_add_truth(objects, &truth, &err));
}

static void add_detection(struct objects *objects, uint32_t image, int64_t id) {
    struct err err;
    struct bbox bbox = {1, 1, 10, 10};
    struct detection detection = {.score = .5, .area = 100, .image = image};
    assert_true(objects_add_detection(objects, &detection, id, &bbox, &err));
}

/* Two images of one class: a pair, and a crowded one where everything lies upon each other. */
static void make_objects(struct objects *objects, size_t truths) {
    struct err err;
    objects_init(objects);
    objects->image_count = 2;
    objects->category_count = 1;
    objects->image_ids = calloc(2, sizeof(int64_t));
    objects->category_ids = calloc(1, sizeof(int64_t));
    assert_non_null(objects->image_ids);
    assert_non_null(objects->category_ids);
    objects->image_ids[CROWDED] = 7;
    add_truth(objects, 0, 1);
    add_detection(objects, 0, 1);
    for (size_t i = 0; i < truths; i++) add_truth(objects, CROWDED, (int64_t)i + 2);
    for (size_t i = 0; i < DETECTIONS; i++) add_detection(objects, CROWDED, (int64_t)i + 2);
    assert_true(objects_sort(objects, 1, &err));
}

/* ---- asking ------------------------------------------------------------------------------ */

/* Somebody who is asked whether he is still there, and goes away at some question. */
struct client {
    struct progress progress;
    unsigned asked;
    unsigned patience;
};

/* As if much time had passed since the last question. */
static bool is_gone(void *self) {
    struct client *client = self;
    client->progress.asked_ms = 0;
    return ++client->asked > client->patience;
}

static void client_init(struct client *client, unsigned patience) {
    *client = (struct client){.patience = patience};
    client->progress.limits = (struct progress_limits){.is_gone = is_gone, .client = client};
}

typedef bool work(struct objects *objects, struct progress *progress, struct err *err);

static bool find_overlaps(struct objects *objects, struct progress *progress, struct err *err) {
    free(objects->overlaps);
    free(objects->overlap_starts);
    objects->overlaps = NULL;
    objects->overlap_starts = NULL;
    return overlaps_fill(objects, DETECTIONS, overlap_of_boxes, NULL, 1, progress, err);
}

static bool match(struct objects *objects, struct progress *progress, struct err *err) {
    struct settings settings;
    settings_init(&settings, IOU_BBOX);
    settings = operations_settings(&settings);
    struct verdict *verdicts = verdicts_make(objects, &settings, 1, 1, progress, err);
    bool good = verdicts != NULL;
    free(verdicts);
    return good;
}

static bool judge(struct objects *objects, struct progress *progress, struct err *err) {
    struct findings findings;
    bool good = findings_find(&findings, objects, 1, progress, err);
    findings_free(&findings);
    return good;
}

/* Matches, and then confuses. */
static bool make_points(struct objects *objects, struct progress *progress, struct err *err) {
    struct settings settings;
    struct points points;
    settings_init(&settings, IOU_BBOX);
    bool good = points_compute(&points, objects, &settings, NULL, 1, progress, err);
    points_free(&points);
    return good;
}

/* Returns how often the work asks. */
static unsigned questions_of(struct objects *objects, work *step) {
    struct err err;
    struct client client;
    client_init(&client, NEVER);
    assert_true(step(objects, &client.progress, &err));
    return client.asked;
}

static void work_asks_within_an_image(void **state) {
    work *const all[] = {find_overlaps, match, judge, make_points};
    (void)state;
    struct objects objects;
    struct err err;
    make_objects(&objects, TRUTHS);
    assert_true(find_overlaps(&objects, NULL, &err));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        unsigned questions = questions_of(&objects, all[i]);
        assert_in_range(questions, 1 + objects.image_count, 100);
        struct client client;
        client_init(&client, questions - 1);
        assert_false(all[i](&objects, &client.progress, &err));
        assert_int_equal(err.code, ERR_CLIENT_GONE);
        assert_true(find_overlaps(&objects, NULL, &err));
    }
    assert_in_range(questions_of(&objects, make_points), questions_of(&objects, match) + 2, 100);
    objects_free(&objects);
}

/* ---- how many ---------------------------------------------------------------------------- */

static void overlaps_have_a_bound(void **state) {
    static const struct {
        size_t truths;
        bool good;
    } cases[] = {{40000, true}, {43000, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct objects objects;
        struct err err;
        make_objects(&objects, cases[i].truths);
        assert_int_equal(find_overlaps(&objects, NULL, &err), cases[i].good);
        if (!cases[i].good) {
            assert_int_equal(err.code, ERR_BAD_REQUEST);
            assert_non_null(strstr(err.message, "image 7 has"));
            assert_non_null(strstr(err.message, "max_dets"));
        }
        objects_free(&objects);
    }
}

static void the_bound_grows_with_the_detections(void **state) {
    static const size_t first = 4194304;
    (void)state;
    assert_int_equal(overlaps_most(0), first);
    assert_int_equal(overlaps_most(1000), first + 64000);
    assert_int_equal(overlaps_most(SIZE_MAX), 67108864);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_asks_within_an_image),
        cmocka_unit_test(overlaps_have_a_bound),
        cmocka_unit_test(the_bound_grows_with_the_detections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
