/* Which class is taken for which: matching across classes, and the cells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/confusion.h"
#include "evaluation_objects.h"

enum {
    ROWS = 4,
    BACKGROUND = -1,
    LEFT_OUT = -2
};

/* ---- matching ------------------------------------------------------------------------------- */

/* All boxes are 10 high, so {0, 0, w, 10} covers w / 10 of {0, 0, 10, 10}: exactly. */
struct matched {
    const char *name;
    double iou;
    double confidence;
    size_t truth_count;
    struct truth_row truths[ROWS];
    size_t detection_count;
    struct detection_row detections[ROWS];
    int takes[ROWS]; /* rows of truths, by row */
};

static const struct matched matches[] = {
    {"just enough of any class",
     .5,
     0,
     1,
     {{0, 1, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 5, 10}}},
     {0}},
    {"not enough",
     .5,
     0,
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 4.5, 10}}},
     {BACKGROUND}},
    {"another IoU",
     .4,
     0,
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 4.5, 10}}},
     {0}},
    {"an IoU of 1 is reached",
     1,
     0,
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {0}},
    {"the surest takes first, whatever its class",
     .5,
     0,
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     2,
     {{0, 0, .8, {0, 0, 10, 10}}, {0, 1, .9, {0, 0, 6, 10}}},
     {BACKGROUND, 0}},
    {"of equal scores the first in the file",
     .5,
     0,
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     2,
     {{0, 1, .9, {0, 0, 6, 10}}, {0, 0, .9, {0, 0, 10, 10}}},
     {0, BACKGROUND}},
    {"the larger overlap of another class",
     .5,
     0,
     2,
     {{0, 0, {0, 0, 8, 10}, false}, {0, 1, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {1}},
    {"of equal overlaps one of its class",
     .5,
     0,
     3,
     {{0, 1, {0, 0, 10, 10}, false}, {0, 2, {0, 0, 10, 10}, false}, {0, 0, {0, 0, 10, 10}, false}},
     2,
     {{0, 2, .9, {0, 0, 10, 10}}, {0, 2, .8, {0, 0, 10, 10}}},
     {1, 0}},
    {"else the first in the file",
     .5,
     0,
     2,
     {{0, 2, {0, 0, 10, 10}, false}, {0, 1, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 10, 10}}},
     {0}},
    {"a crowd of its class leaves it out, half is enough",
     .5,
     0,
     2,
     {{0, 0, {5, 0, 90, 10}, true}, {0, 1, {50, 0, 45, 10}, true}},
     3,
     {{0, 0, .9, {0, 0, 10, 10}}, {0, 0, .8, {20, 0, 10, 10}}, {0, 2, .7, {60, 0, 9, 10}}},
     {LEFT_OUT, LEFT_OUT, BACKGROUND}},
    {"a ground truth comes before a crowd",
     .5,
     0,
     2,
     {{0, 0, {0, 0, 90, 10}, true}, {0, 1, {0, 0, 10, 10}, false}},
     1,
     {{0, 0, .9, {0, 0, 5, 10}}},
     {1}},
    {"less sure ones are left out, and that frees nothing",
     .5,
     .5,
     1,
     {{0, 0, {0, 0, 10, 10}, false}},
     3,
     {{0, 0, .4, {0, 0, 10, 10}}, {0, 1, .5, {0, 0, 6, 10}}, {0, 0, .6, {50, 0, 9, 10}}},
     {LEFT_OUT, 0, BACKGROUND}},
};

static void build_matched(struct objects *objects, const struct matched *matched) {
    const struct scene scene = {
        1, 3, matched->truths, matched->truth_count, matched->detections, matched->detection_count};
    scene_build(objects, &scene);
}

static void detections_take_what_they_overlap_most(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        struct objects objects;
        uint32_t takes[ROWS];
        build_matched(&objects, &matches[i]);
        confusion_match(&objects, matches[i].iou, matches[i].confidence, 0, 1, takes, NULL);
        for (uint32_t row = 0; row < matches[i].detection_count; row++) {
            int due = matches[i].takes[row];
            uint32_t take = takes[detection_of_row(&objects, row)];
            bool good = due == BACKGROUND ? take == CONFUSION_BACKGROUND
                        : due == LEFT_OUT ? take == CONFUSION_LEFT_OUT
                                          : take == truth_of_row(&objects, (uint32_t)due);
            if (!good) fail_msg("%s: row %u takes %d", matches[i].name, row, (int)take);
        }
        objects_free(&objects);
    }
}

static void only_the_surest_of_an_image_take(void **state) {
    (void)state;
    static const struct truth_row truth = {0, 0, {0, 0, 10, 10}, false};
    static struct detection_row detections[CROSS_CLASS_DEPTH + 1];
    struct objects objects;
    uint32_t takes[CROSS_CLASS_DEPTH + 1];
    for (size_t i = 0; i < CROSS_CLASS_DEPTH; i++) {
        detections[i] = (struct detection_row){0, 1, .9, {50, 0, 10, 10}};
    }
    detections[CROSS_CLASS_DEPTH] = (struct detection_row){0, 0, .8, {0, 0, 10, 10}};
    scene_build(&objects, &(struct scene){1, 2, &truth, 1, detections, CROSS_CLASS_DEPTH + 1});
    confusion_match(&objects, .5, 0, 0, 1, takes, NULL);
    assert_int_equal(takes[detection_of_row(&objects, CROSS_CLASS_DEPTH)], CONFUSION_LEFT_OUT);
    assert_int_equal(takes[detection_of_row(&objects, CROSS_CLASS_DEPTH - 1)],
                     CONFUSION_BACKGROUND);
    objects_free(&objects);
}

/* ---- cells ---------------------------------------------------------------------------------- */

static const struct truth_row truths[] = {
    {0, 0, {0, 0, 10, 10}, false},  {0, 1, {20, 0, 10, 10}, false}, {0, 2, {40, 0, 10, 10}, false},
    {0, 0, {60, 0, 99, 10}, true},  {1, 0, {0, 0, 10, 10}, false},  {1, 2, {20, 0, 10, 10}, false},
    {2, 0, {20, 0, 10, 10}, false},
};
static const struct detection_row detections[] = {
    {0, 0, .9, {0, 0, 10, 10}},  /* right */
    {0, 0, .8, {20, 0, 10, 10}}, /* 1 taken for 0 */
    {0, 1, .8, {90, 0, 10, 10}}, /* background */
    {0, 0, .8, {80, 0, 10, 10}}, /* in a crowd */
    {1, 1, .7, {0, 0, 10, 10}},  /* 0 taken for 1 */
    {1, 1, .1, {20, 0, 10, 10}}, /* not sure */
    {2, 0, .9, {20, 0, 10, 10}}, /* right */
};
static const struct scene scene = {3,          3,
                                   truths,     sizeof truths / sizeof *truths,
                                   detections, sizeof detections / sizeof *detections};

enum {
    CELLS = 8
};

struct counted {
    const char *name;
    bool has_images;
    bool images[3];
    bool has_categories;
    bool categories[3];
    int cells[CELLS][3]; /* truth, prediction, count; count 0 ends them */
    int classes[4];      /* -1 ends them */
};

static const struct counted counts[] = {
    {"all",
     false,
     {0},
     false,
     {0},
     {{0, 0, 2}, {0, 1, 1}, {1, 0, 1}, {2, BACKGROUND, 2}, {BACKGROUND, 1, 1}},
     {0, 1, 2, -1}},
    {"two images",
     true,
     {false, true, true},
     false,
     {0},
     {{0, 0, 1}, {0, 1, 1}, {2, BACKGROUND, 1}},
     {0, 1, 2, -1}},
    {"a class, and what it is taken for",
     false,
     {0},
     true,
     {true, false, false},
     {{0, 0, 2}, {0, 1, 1}, {1, 0, 1}},
     {0, 1, -1}},
    {"another class", false, {0}, true, {false, false, true}, {{2, BACKGROUND, 2}}, {2, -1}},
    {"an image that has none of the class",
     true,
     {false, false, true},
     true,
     {false, true, false},
     {{0, 0, 0}},
     {1, -1}},
};

static uint32_t class_or_background(int class) {
    return class == BACKGROUND ? CONFUSION_BACKGROUND : (uint32_t) class;
}

static void assert_counted(const struct counted *counted, const struct confusion *confusion) {
    size_t count = 0;
    for (; count < CELLS && counted->cells[count][2]; count++) {
        const int *due = counted->cells[count];
        const struct confusion_cell *cell = &confusion->cells[count];
        if (count >= confusion->count || cell->truth != class_or_background(due[0]) ||
            cell->predicted != class_or_background(due[1]) || cell->count != (uint64_t)due[2]) {
            fail_msg("%s: cell %zu differs", counted->name, count);
        }
    }
    if (count != confusion->count) fail_msg("%s: %zu cells", counted->name, confusion->count);
    for (count = 0; counted->classes[count] >= 0; count++) {
        if (count >= confusion->class_count ||
            confusion->classes[count] != (uint32_t)counted->classes[count]) {
            fail_msg("%s: class %zu differs", counted->name, count);
        }
    }
    if (count != confusion->class_count) {
        fail_msg("%s: %zu classes", counted->name, confusion->class_count);
    }
}

static void cells_count_a_selection(void **state) {
    (void)state;
    struct objects objects;
    uint32_t takes[sizeof detections / sizeof *detections];
    scene_build(&objects, &scene);
    confusion_match(&objects, .5, .25, 0, 3, takes, NULL);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct selection selection = {counts[i].has_images ? counts[i].images : NULL,
                                      counts[i].has_categories ? counts[i].categories : NULL};
        struct confusion confusion;
        struct err err;
        assert_true(confusion_count(&confusion, &objects, &selection, takes, &err));
        assert_counted(&counts[i], &confusion);
        confusion_free(&confusion);
    }
    objects_free(&objects);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detections_take_what_they_overlap_most),
        cmocka_unit_test(only_the_surest_of_an_image_take),
        cmocka_unit_test(cells_count_a_selection),
    };
    return cmocka_run_group_tests_name("confusion", tests, NULL, NULL);
}
