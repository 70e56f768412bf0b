/* Matches as rows: what is written for each detection and each ground truth, and in which
 * transactions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cost/fake_libpq.h"
#include "base/buf.h"
#include "evaluation/findings.h"
#include "evaluation/matches.h"
#include "evaluation/overlaps.h"

/* ---- a database that notes what it is told ----------------------------------------------- */

static struct {
    struct buf statements; /* one a line; functions by name */
    struct buf copied;
    char counts[2000]; /* of matches_publish */
    const char *fails; /* the function that fails; NULL: none */
    bool is_made;      /* by others */
} fake;

static void note(const char *sql, const char *const *params) {
    const char *function = strncmp(sql, "copy", 4) != 0 ? strstr(sql, "coco.m") : NULL;
    const char *name = function ? function + strlen("coco.") : sql;
    buf_put(&fake.statements, name, strcspn(name, function ? "(" : " ;"));
    buf_put_char(&fake.statements, '\n');
    if (strstr(sql, "matches_publish(")) {
        snprintf(fake.counts, sizeof fake.counts, "%s", params[1]);
    }
}

static int answer(const char *sql, const char *values[FAKE_COLUMNS]) {
    if (fake.fails && strstr(sql, fake.fails)) return -1;
    if (!fake.is_made) {
        values[0] = "5";
        values[1] = "coco_parts.m_5";
    }
    return strstr(sql, "matches_begin(") ? 2 : 1;
}

static void keep(const char *bytes, size_t len) {
    buf_put(&fake.copied, bytes, len);
}

static const struct fake_listener listener = {note, answer, keep};

/* ---- what is compared -------------------------------------------------------------------- */

static struct {
    struct objects objects;
    struct findings findings;
    struct db db;
    struct err err;
} scene;

static const struct matches_target target = {
    .dataset_id = 1, .run = "run", .iou_type = IOU_BBOX, .ground_truth = 2, .import_id = 3};

static void add_truth(int64_t id, uint32_t image, uint32_t category, double x, double side,
                      bool crowd) {
    struct truth truth = {.annotation_id = id,
                          .bbox = {x, 0, side, side},
                          .image = image,
                          .category = category,
                          .is_crowd = crowd,
                          .is_ignored = crowd};
    assert_true(objects_add_truth(&scene.objects, &truth, &scene.err));
}

static void add_detection(int64_t id, uint32_t image, uint32_t category, double x, double score) {
    struct bbox bbox = {x, 0, 10, 10};
    struct detection detection = {.score = score, .image = image, .category = category};
    assert_true(objects_add_detection(&scene.objects, &detection, id, &bbox, &scene.err));
}

static int64_t *ids(int64_t first, int64_t second) {
    int64_t *made = malloc(2 * sizeof *made);
    assert_non_null(made);
    made[0] = first;
    made[1] = second;
    return made;
}

/* Images 7 and 8, classes 1 and 3; the second image has nothing but a crowd. */
static int set_up(void **state) {
    struct objects *objects = &scene.objects;
    (void)state;
    memset(&fake, 0, sizeof fake);
    memset(&scene, 0, sizeof scene);
    buf_init(&fake.statements, 10000);
    buf_init(&fake.copied, 1000 * 1000);
    fake_listen(&listener);
    assert_true(db_connect(&scene.db, NULL, &scene.err));
    objects_init(objects);
    objects->image_ids = ids(7, 8);
    objects->image_count = 2;
    objects->category_ids = ids(1, 3);
    objects->category_count = 2;
    add_truth(10, 0, 0, 0, 10, false);
    add_truth(11, 0, 1, 100, 10, false);
    add_truth(12, 1, 0, 0, 50, true);
    add_detection(1, 0, 0, 0, .875);
    add_detection(2, 0, 0, 100, .75);
    add_detection(3, 0, 0, 0, .5);
    add_detection(4, 1, 0, 20, .375);
    add_detection(5, 0, 1, 300, .25);
    assert_true(objects_sort(objects, 1, &scene.err));
    assert_true(overlaps_fill(objects, 100, overlap_of_boxes, NULL, 1, NULL, &scene.err));
    assert_true(findings_find(&scene.findings, objects, 1, NULL, &scene.err));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    findings_free(&scene.findings);
    objects_free(&scene.objects);
    buf_free(&fake.statements);
    buf_free(&fake.copied);
    db_close(&scene.db);
    fake_listen(NULL);
    return 0;
}

static bool publish(struct progress *progress) {
    return matches_publish(&scene.db, &target, &scene.objects, &scene.findings, progress,
                           &scene.err);
}

/* ---- what was copied, as text ------------------------------------------------------------ */

static const char *take(const char **at, size_t len) {
    const char *bytes = *at;
    *at += len;
    assert_true(*at <= fake.copied.data + fake.copied.len);
    return bytes;
}

static uint64_t take_number(const char **at, size_t len) {
    uint64_t number = 0;
    const char *bytes = take(at, len);
    for (size_t i = 0; i < len; i++) number = number << 8 | (unsigned char)bytes[i];
    return number;
}

/* Types of the columns: i integer, f float, b boolean, t text. */
static const char types[] = "iiiffiiiifbt";

static void show_value(const char **at, char type, struct buf *into) {
    uint32_t len = (uint32_t)take_number(at, 4);
    if (len == UINT32_MAX) {
        buf_put_char(into, '-');
    } else if (type == 't') {
        buf_put(into, take(at, len), len);
    } else {
        uint64_t bits = take_number(at, len);
        double value = (double)bits;
        if (type == 'f') memcpy(&value, &bits, sizeof value);
        buf_printf(into, "%g", value);
    }
}

static void show_rows(struct buf *into) {
    const char *at = fake.copied.data + 19;
    for (uint16_t count; (count = (uint16_t)take_number(&at, 2)) != UINT16_MAX;) {
        assert_int_equal(count, strlen(types));
        for (int i = 0; types[i]; i++) {
            if (i > 0) buf_put_char(into, ' ');
            show_value(&at, types[i], into);
        }
        buf_put_char(into, '\n');
    }
}

/* ---- tests ------------------------------------------------------------------------------- */

static void each_object_has_one_row(void **state) {
    struct buf rows;
    (void)state;
    buf_init(&rows, 10000);
    assert_true(publish(NULL));
    show_rows(&rows);
    /* annotation truth image confidence iou class truth's confused found_by confidence left_out */
    assert_string_equal(buf_text(&rows), "1 10 7 0.875 1 1 1 1 - - - true_positive\n"
                                         "2 11 7 0.75 1 1 3 3 - - - classification\n"
                                         "3 10 7 0.5 1 1 1 - - - - duplicate\n"
                                         "4 12 8 0.375 1 1 1 - - - 1 ignored\n"
                                         "5 - 7 0.25 - 3 - - - - - background\n"
                                         "- 10 7 - 1 1 1 1 1 0.875 - true_positive\n"
                                         "- 11 7 - 1 3 3 1 2 0.75 - classification\n"
                                         "- 12 8 - - 1 1 - - - 1 ignored\n");
    buf_free(&rows);
}

#define COUNT(category, truth, outcome, n, claimed) \
    "{\"category_id\":" #category ",\"is_truth\":" #truth ",\"outcome\":\"" outcome "\",\"n\":" #n \
    ",\"claimed\":" #claimed "}"

static void rows_are_counted_by_class_and_outcome(void **state) {
    static const char *const counts[] = {
        COUNT(1, false, "true_positive", 1, 0),  COUNT(1, true, "true_positive", 1, 0),
        COUNT(1, false, "classification", 1, 0), COUNT(1, false, "duplicate", 1, 0),
        COUNT(1, false, "ignored", 1, 0),        COUNT(1, true, "ignored", 1, 0),
        COUNT(3, true, "classification", 1, 1),  COUNT(3, false, "background", 1, 0)};
    struct buf all;
    (void)state;
    buf_init(&all, sizeof fake.counts);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        buf_printf(&all, "%s%s", i ? "," : "[", counts[i]);
    }
    buf_put_char(&all, ']');
    assert_true(publish(NULL));
    assert_string_equal(fake.counts, buf_text(&all));
    buf_free(&all);
}

static void a_set_is_published_in_four_transactions(void **state) {
    (void)state;
    assert_true(publish(NULL));
    assert_string_equal(buf_text(&fake.statements),
                        "begin\nmatches_begin\ncopy\nmatches_loaded\ncommit\n"
                        "begin\nmatches_attach\ncommit\n"
                        "begin\nmatches_announce\ncommit\n"
                        "begin\nmatches_publish\ncommit\n");
}

static void what_others_have_made_is_not_made_again(void **state) {
    (void)state;
    fake.is_made = true;
    assert_true(publish(NULL));
    assert_string_equal(buf_text(&fake.statements), "begin\nmatches_begin\nrollback\n");
}

static void a_set_that_cannot_be_published_is_given_up(void **state) {
    (void)state;
    fake.fails = "matches_publish";
    assert_false(publish(NULL));
    assert_int_equal(scene.err.code, ERR_IMPORT_RUNNING);
    const char *end = "begin\nmatches_publish\nrollback\nbegin\nmatches_failed\ncommit\n";
    const char *all = buf_text(&fake.statements);
    assert_true(strlen(all) > strlen(end));
    assert_string_equal(all + strlen(all) - strlen(end), end);
}

static void a_set_that_does_not_begin_leaves_no_transaction(void **state) {
    (void)state;
    fake.fails = "matches_begin";
    assert_false(publish(NULL));
    assert_string_equal(buf_text(&fake.statements), "begin\nmatches_begin\nrollback\n");
}

static void an_interruption_is_heeded_before_anything_is_committed(void **state) {
    struct progress progress = {.stop = true};
    (void)state;
    assert_false(publish(&progress));
    assert_int_equal(scene.err.code, ERR_INTERRUPTED);
    assert_null(strstr(buf_text(&fake.statements), "matches_loaded"));
    assert_false(fake_in_transaction());
    assert_null(scene.db.progress);
}

static void parts_become_one_set(void **state) {
    struct matches matches;
    (void)state;
    bool good = matches_begin(&matches, &scene.db, &target, NULL, &scene.err);
    for (int i = 0; i < 2 && good; i++) {
        good = matches_add(&matches, &scene.objects, &scene.findings, &scene.err);
    }
    assert_true(matches_end(&matches, good, &scene.err));
    const char *again = strstr(fake.counts, COUNT(3, false, "background", 1, 0) ",");
    assert_non_null(again);
    assert_non_null(strstr(again + 1, COUNT(3, false, "background", 1, 0) "]"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_object_has_one_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_are_counted_by_class_and_outcome, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_set_is_published_in_four_transactions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_others_have_made_is_not_made_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_set_that_cannot_be_published_is_given_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_set_that_does_not_begin_leaves_no_transaction, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_interruption_is_heeded_before_anything_is_committed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_become_one_set, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("matches", tests, NULL, NULL);
}
