/* Classes and scores are counted exactly, however many rows and classes there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "import/class_counts.h"

/* Writes the counts and frees them. */
static void assert_written(struct class_counts *counts, const struct idset *categories,
                           const char *due) {
    struct buf text;
    buf_init(&text, 1 << 20);
    class_counts_write(counts, categories, &text);
    assert_false(text.failed);
    assert_string_equal(buf_text(&text), due);
    buf_free(&text);
    class_counts_free(counts);
}

static void add(struct class_counts *counts, size_t category, double score, size_t times) {
    while (times-- > 0) class_counts_add(counts, category, score);
}

static void only_classes_with_rows_are_written(void **state) {
    (void)state;
    int64_t ids[] = {-7, 3, 2147483647};
    struct idset categories = {.ids = ids, .count = 3};
    struct class_counts counts;
    struct err err;
    assert_true(class_counts_init(&counts, &categories, &err));
    assert_written(&counts, &categories, "[]");
    assert_true(class_counts_init(&counts, &categories, &err));
    add(&counts, 0, -1e300, 1);
    add(&counts, 0, 0, 1);
    add(&counts, 0, .05, 3);
    add(&counts, 2, .9999, 1);
    add(&counts, 2, 1, 1);
    add(&counts, 2, 1e300, 2);
    assert_written(&counts, &categories,
                   "[{\"category_id\":-7,\"n\":5,"
                   "\"scores\":[2,3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},"
                   "{\"category_id\":2147483647,\"n\":4,"
                   "\"scores\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,4]}]");
}

/* Bins wrap at 65,536 rows, in any order of the classes. */
static void counts_do_not_end_at_16_bits(void **state) {
    (void)state;
    int64_t ids[] = {1, 2, 3};
    struct idset categories = {.ids = ids, .count = 3};
    struct class_counts counts;
    struct err err;
    assert_true(class_counts_init(&counts, &categories, &err));
    for (int i = 0; i < 100; i++) {
        add(&counts, 2, .5, 65536);
        add(&counts, 0, .1, 1000);
    }
    add(&counts, 0, .99, 65535);
    add(&counts, 1, .0, 65536);
    assert_written(&counts, &categories,
                   "[{\"category_id\":1,\"n\":165535,"
                   "\"scores\":[0,0,100000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,65535]},"
                   "{\"category_id\":2,\"n\":65536,"
                   "\"scores\":[65536,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},"
                   "{\"category_id\":3,\"n\":6553600,"
                   "\"scores\":[0,0,0,0,0,0,0,0,0,0,6553600,0,0,0,0,0,0,0,0,0]}]");
}

static void a_class_takes_forty_bytes(void **state) {
    (void)state;
    struct class_counts counts;
    assert_int_equal(sizeof *counts.bins, 2 * SCORE_BINS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_classes_with_rows_are_written),
        cmocka_unit_test(counts_do_not_end_at_16_bits),
        cmocka_unit_test(a_class_takes_forty_bytes),
    };
    return cmocka_run_group_tests_name("class_counts", tests, NULL, NULL);
}
