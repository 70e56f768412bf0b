/* The numbers of an evaluation as JSON, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/numbers_json.h"

static void assert_text(struct buf *buf, const char *due) {
    assert_string_equal(buf_text(buf), due);
    buf_free(buf);
}

static void a_point(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    numbers_write_point(&buf, .5, &(struct point){.25, 2, 1, 0, 2. / 3, 1, .8});
    assert_text(&buf, "{\"iou\":0.5,\"confidence\":0.25,\"precision\":0.6666666666666666,"
                      "\"recall\":1,\"f1\":0.8,\"true_positives\":2,\"false_positives\":1,"
                      "\"false_negatives\":0}");
}

static void calibration(void **state) {
    (void)state;
    struct buf buf;
    struct calibration calibration = {.ece = .1, .mce = -1};
    calibration.bins[9] = (struct calibration_bin){3, 1, .95, 1. / 3};
    buf_init(&buf, 4000);
    numbers_write_calibration(&buf, .75, &calibration);
    const char *text = buf_text(&buf);
    const char *begin = "{\"iou\":0.75,\"bins\":[{\"low\":0,\"high\":0.1,\"count\":0,"
                        "\"confidence\":0,\"precision\":0},{\"low\":0.1,\"high\":0.2,";
    const char *end = ",{\"low\":0.9,\"high\":1,\"count\":3,\"confidence\":0.95,"
                      "\"precision\":0.3333333333333333}],\"ece\":0.1,\"mce\":-1}";
    assert_memory_equal(text, begin, strlen(begin));
    assert_string_equal(text + strlen(text) - strlen(end), end);
    buf_free(&buf);
}

static void matrix(void **state) {
    (void)state;
    struct buf buf;
    int64_t ids[] = {1, 18, 90};
    struct objects objects = {.category_count = 3, .category_ids = ids};
    struct confusion_cell cells[] = {
        {0, 2, 7}, {2, CONFUSION_BACKGROUND, 1}, {CONFUSION_BACKGROUND, 0, 12}};
    uint32_t classes[] = {0, 2};
    struct confusion confusion = {3, cells, 2, classes};
    buf_init(&buf, 1000);
    numbers_write_matrix(&buf, .5, .25, &objects, &confusion);
    assert_text(&buf, "{\"iou\":0.5,\"confidence\":0.25,\"classes\":[1,90],"
                      "\"cells\":[[1,90,7],[90,null,1],[null,1,12]]}");
}

static void errors(void **state) {
    (void)state;
    struct buf buf;
    struct error_counts counts = {{1, 2, 3, 4, 5, 6, 7, 8}};
    struct repairs repairs = {.5, {-1, .5, .25, 0, 0, .125, -1, -1}};
    buf_init(&buf, 1000);
    numbers_write_errors(&buf, &counts, &repairs);
    assert_text(&buf, "{\"counts\":{\"true_positive\":1,\"localisation\":2,\"classification\":3,"
                      "\"both\":4,\"duplicate\":5,\"background\":6,\"missed\":7,\"ignored\":8},"
                      "\"dap\":{\"localisation\":0.5,\"classification\":0.25,\"both\":0,"
                      "\"duplicate\":0,\"background\":0.125,\"missed\":-1}}");
    numbers_write_errors(&buf, &counts, NULL);
    assert_text(&buf, "{\"counts\":{\"true_positive\":1,\"localisation\":2,\"classification\":3,"
                      "\"both\":4,\"duplicate\":5,\"background\":6,\"missed\":7,\"ignored\":8}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point),
        cmocka_unit_test(calibration),
        cmocka_unit_test(matrix),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests_name("numbers_json", tests, NULL, NULL);
}
