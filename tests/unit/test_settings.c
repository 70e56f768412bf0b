/* Defaults of evaluations, and lists as users write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/settings.h"

typedef bool reader(struct settings *settings, const char *text, struct err *err);

static void the_defaults_are_those_of_coco(void **state) {
    (void)state;
    struct settings boxes, poses;
    settings_init(&boxes, IOU_BBOX);
    settings_init(&poses, IOU_KEYPOINTS);
    assert_int_equal(boxes.threshold_count, 10);
    /* As numpy.linspace has them. */
    assert_true(boxes.thresholds[1] == .55);
    assert_true(boxes.thresholds[7] == .5 + 7 * 0.049999999999999996);
    assert_true(boxes.thresholds[7] != .5 + 7 * .05);
    assert_true(boxes.thresholds[9] == .95);
    assert_int_equal(boxes.max_det_count, 3);
    assert_int_equal(settings_depth(&boxes), 100);
    assert_int_equal(boxes.area_count, 4);
    assert_string_equal(boxes.areas[3].name, "large");
    assert_true(boxes.exact && boxes.iou == .5 && boxes.confidence == .25);
    assert_int_equal(poses.area_count, 3);
    assert_string_equal(poses.areas[1].name, "medium");
    assert_true(poses.areas[2].low == 9216);
    assert_int_equal(settings_depth(&poses), 20);
    assert_int_equal(poses.sigma_count, 17);
    assert_true(poses.sigmas[11] == 1.07 / 10.0);
}

static void kinds_of_overlap_are_read(void **state) {
    (void)state;
    enum iou_type type = IOU_SEGM;
    assert_true(iou_type_read(NULL, &type) && type == IOU_BBOX);
    for (int i = 0; i < IOU_TYPES; i++) {
        assert_true(iou_type_read(iou_type_name((enum iou_type)i), &type) && (int)type == i);
    }
    assert_false(iou_type_read("boxes", &type));
    assert_false(iou_type_read("", &type));
}

static void a_range_gives_the_thresholds_of_coco(void **state) {
    (void)state;
    struct settings settings, defaults;
    struct err err;
    settings_init(&defaults, IOU_BBOX);
    settings_init(&settings, IOU_BBOX);
    assert_true(settings_read_thresholds(&settings, "0.75", &err));
    assert_int_equal(settings.threshold_count, 1);
    assert_true(settings_read_thresholds(&settings, "0.5:0.95:0.05", &err));
    assert_int_equal(settings.threshold_count, 10);
    assert_memory_equal(settings.thresholds, defaults.thresholds, 10 * sizeof(double));
    assert_true(settings_read_thresholds(&settings, ".5:.5:1", &err));
    assert_int_equal(settings.threshold_count, 1);
    assert_true(settings_read_thresholds(&settings, "0.03125:1:0.03125", &err));
    assert_int_equal(settings.threshold_count, THRESHOLDS_MAX);
    assert_true(settings.thresholds[31] == 1);
}

static void lists_are_read(void **state) {
    (void)state;
    struct settings settings;
    struct err err;
    settings_init(&settings, IOU_BBOX);
    assert_true(settings_read_thresholds(&settings, ".5,7.5e-1,1", &err));
    assert_int_equal(settings.threshold_count, 3);
    assert_true(settings.thresholds[1] == .75);
    assert_true(settings_read_max_dets(&settings, "1,5,300", &err));
    assert_int_equal(settings.max_det_count, 3);
    assert_int_equal(settings_depth(&settings), 300);
    assert_true(settings_read_areas(&settings, "all:0-1e10,tiny:1e-3-256", &err));
    assert_int_equal(settings.area_count, 2);
    assert_string_equal(settings.areas[1].name, "tiny");
    assert_true(settings.areas[1].low == 1e-3 && settings.areas[1].high == 256);
    assert_true(settings_read_sigmas(&settings, "0.026,0.1", &err));
    assert_int_equal(settings.sigma_count, 2);
}

static void what_is_no_list_is_refused_and_changes_nothing(void **state) {
    (void)state;
    static const char nine[] = "1,2,3,4,5,6,7,8,9";
    static const struct {
        reader *read;
        const char *text;
        const char *says;
    } cases[] = {
        {settings_read_thresholds, "", "iou_thresholds: must be up to 32 ascending numbers"},
        {settings_read_thresholds, "0", "above 0"},
        {settings_read_thresholds, "1.01", "at most 1"},
        {settings_read_thresholds, "0.5,0.5", "ascending"},
        {settings_read_thresholds, "0.75,0.5", "ascending"},
        {settings_read_thresholds, "0.5,", "such as 0.5,0.75"},
        {settings_read_thresholds, "nan", "not \"nan\""},
        {settings_read_thresholds, "0x1", "not \"0x1\""},
        {settings_read_thresholds, " 0.5", "not \" 0.5\""},
        {settings_read_thresholds, "+0.5", "not \"+0.5\""},
        {settings_read_thresholds, ".", "not \".\""},
        {settings_read_thresholds, "1e400", "not \"1e400\""},
        {settings_read_thresholds, "0.5:0.95", "FIRST:LAST:STEP"},
        {settings_read_thresholds, "0.5:0.95:0", "STEP above 0"},
        {settings_read_thresholds, "0.9:0.5:0.1", "LAST not below FIRST"},
        {settings_read_thresholds, "0.5:0.9:0.3", "whole number of STEPs"},
        {settings_read_thresholds, "0.1:1:0.001", "at most 32"},
        {settings_read_thresholds, "0.5:1:1e-300", "at most 32"},
        {settings_read_thresholds, "0:1:0.5", "above 0"},
        {settings_read_max_dets, "0", "from 1 to 1000"},
        {settings_read_max_dets, "1001", "from 1 to 1000"},
        {settings_read_max_dets, "1.5", "whole numbers"},
        {settings_read_max_dets, "100,10", "ascending"},
        {settings_read_max_dets, nine, "up to 8"},
        {settings_read_areas, "", "areas: must be up to 8 ranges"},
        {settings_read_areas, "all", "NAME:LOW-HIGH"},
        {settings_read_areas, ":0-1", "NAME:LOW-HIGH"},
        {settings_read_areas, "all:0-1e10,", "NAME:LOW-HIGH"},
        {settings_read_areas, "a-b:0-1", "NAME:LOW-HIGH"},
        {settings_read_areas, "sixteen_letters_:0-1", "up to 15 letters"},
        {settings_read_areas, "all:5-1", "at least LOW"},
        {settings_read_areas, "all:0-1e16", "at most 1e15"},
        {settings_read_areas, "all:0-1,all:0-2", "must differ"},
        {settings_read_areas, "a:0-1,b:0-1,c:0-1,d:0-1,e:0-1,f:0-1,g:0-1,h:0-1,i:0-1", "up to 8"},
        {settings_read_sigmas, "0", "above 0"},
        {settings_read_sigmas, "11", "at most 10"},
    };
    struct settings defaults;
    settings_init(&defaults, IOU_KEYPOINTS);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings settings = defaults;
        struct err err = {.code = ERR_NONE};
        assert_false(cases[i].read(&settings, cases[i].text, &err));
        assert_int_equal(err.code, ERR_BAD_REQUEST);
        if (!strstr(err.message, cases[i].says)) print_error("%s\n", err.message);
        assert_non_null(strstr(err.message, cases[i].says));
        assert_memory_equal(&settings, &defaults, sizeof settings);
    }
}

/* "a,a,…" with so many numbers. */
static const char *repeated(unsigned count, char *into) {
    size_t len = 0;
    for (unsigned i = 0; i < count; i++) {
        len += (size_t)sprintf(into + len, "%s0.%u", i ? "," : "", 100 + i);
    }
    return into;
}

static void lists_end_at_their_limits(void **state) {
    (void)state;
    char text[8 * SIGMAS_MAX];
    struct settings settings;
    struct err err;
    settings_init(&settings, IOU_KEYPOINTS);
    assert_true(settings_read_thresholds(&settings, repeated(THRESHOLDS_MAX, text), &err));
    assert_false(settings_read_thresholds(&settings, repeated(THRESHOLDS_MAX + 1, text), &err));
    assert_true(settings_read_sigmas(&settings, repeated(SIGMAS_MAX, text), &err));
    assert_int_equal(settings.sigma_count, SIGMAS_MAX);
    assert_false(settings_read_sigmas(&settings, repeated(SIGMAS_MAX + 1, text), &err));
    assert_true(settings_read_max_dets(&settings, "1,2,3,4,5,6,7,1000", &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_coco),
        cmocka_unit_test(kinds_of_overlap_are_read),
        cmocka_unit_test(a_range_gives_the_thresholds_of_coco),
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(what_is_no_list_is_refused_and_changes_nothing),
        cmocka_unit_test(lists_end_at_their_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
