/* Classes, scores, sizes and images are counted exactly, however many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "import/class_counts.h"
#include "import/image_counts.h"

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

static void add(struct class_counts *counts, size_t category, double score, double area,
                size_t times) {
    while (times-- > 0) class_counts_add(counts, category, score, area);
}

static void only_classes_with_rows_are_written(void **state) {
    (void)state;
    int64_t ids[] = {-7, 3, 2147483647};
    struct idset categories = {.ids = ids, .count = 3};
    struct class_counts counts;
    struct err err;
    assert_true(class_counts_init(&counts, &categories, &err));
    assert_written(&counts, &categories,
                   "\"classes\":[],\"scores\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"
                   "\"sizes\":[0,0,0,0,0,0,0,0,0,0,0,0]");
    assert_true(class_counts_init(&counts, &categories, &err));
    add(&counts, 0, -1e300, 0, 1);
    add(&counts, 0, 0, 100, 1);
    add(&counts, 0, .05, 9216, 3);
    add(&counts, 2, .9999, 1e300, 1);
    add(&counts, 2, 1, 1024, 1);
    add(&counts, 2, 1e300, 9215, 2);
    assert_written(&counts, &categories,
                   "\"classes\":[{\"category_id\":-7,\"n\":5,"
                   "\"scores\":[2,3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"
                   "\"sizes\":[1,0,1,0,0,0,3,0,0,0,0,0]},"
                   "{\"category_id\":2147483647,\"n\":4,"
                   "\"scores\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,4],"
                   "\"sizes\":[0,0,0,0,1,2,0,0,0,0,0,1]}],"
                   "\"scores\":[2,3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,4],"
                   "\"sizes\":[1,0,1,0,1,2,3,0,0,0,0,1]");
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
        add(&counts, 2, .5, 20, 65536);
        add(&counts, 0, .1, 20, 1000);
    }
    add(&counts, 0, .99, 1e7, 65535);
    add(&counts, 1, .0, 0, 65536);
    assert_true(class_counts_has(&counts, 1));
    assert_written(&counts, &categories,
                   "\"classes\":[{\"category_id\":1,\"n\":165535,"
                   "\"scores\":[0,0,100000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,65535],"
                   "\"sizes\":[0,100000,0,0,0,0,0,0,0,0,0,65535]},"
                   "{\"category_id\":2,\"n\":65536,"
                   "\"scores\":[65536,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"
                   "\"sizes\":[65536,0,0,0,0,0,0,0,0,0,0,0]},"
                   "{\"category_id\":3,\"n\":6553600,"
                   "\"scores\":[0,0,0,0,0,0,0,0,0,0,6553600,0,0,0,0,0,0,0,0,0],"
                   "\"sizes\":[0,6553600,0,0,0,0,0,0,0,0,0,0]}],"
                   "\"scores\":[65536,0,100000,0,0,0,0,0,0,0,6553600,0,0,0,0,0,0,0,0,65535],"
                   "\"sizes\":[65536,6653600,0,0,0,0,0,0,0,0,0,65535]");
}

/* The bounds are those of coco.class_counts.sizes; an area that is one is in the bin above it. */
static void areas_at_a_bound_belong_to_the_bin_above(void **state) {
    (void)state;
    static const double bounds[] = {16,    64,    256,    1024,    4096,   9216,
                                    16384, 65536, 262144, 1048576, 4194304};
    int64_t ids[] = {1};
    struct idset categories = {.ids = ids, .count = 1};
    struct class_counts counts;
    struct err err;
    assert_true(class_counts_init(&counts, &categories, &err));
    for (size_t bin = 0; bin < SIZE_BINS - 1; bin++) {
        uint64_t bits;
        double below;
        memcpy(&bits, &bounds[bin], sizeof bits);
        bits--;
        memcpy(&below, &bits, sizeof below);
        class_counts_add(&counts, 0, 0, below);
        assert_int_equal(counts.classes[0].bins[SCORE_BINS + bin], bin == 0 ? 1 : 2);
        class_counts_add(&counts, 0, 0, bounds[bin]);
        assert_int_equal(counts.classes[0].bins[SCORE_BINS + bin + 1], 1);
    }
    class_counts_add(&counts, 0, 0, -1e300);
    assert_int_equal(counts.classes[0].bins[SCORE_BINS], 2);
    class_counts_free(&counts);
}

static void a_class_takes_one_line_of_the_cache(void **state) {
    (void)state;
    struct class_counts counts;
    assert_int_equal(sizeof *counts.classes, 64);
}

static void images_are_counted_by_their_rows(void **state) {
    (void)state;
    enum {
        IMAGES = 11
    };
    static const uint32_t rows[IMAGES] = {0, 0, 1, 2, 3, 4, 7, 8, 1023, 1024, 70000};
    struct catalog_image images[IMAGES] = {0};
    struct buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < IMAGES; i++) {
        for (uint32_t n = 0; n < rows[i]; n++) image_counts_add(&images[i]);
    }
    image_counts_write(images, IMAGES, &text);
    assert_string_equal(buf_text(&text),
                        "\"most_per_image\":70000,\"per_image\":[2,1,2,2,1,0,0,0,0,0,1,2]");
    images[0].rows = UINT32_MAX;
    image_counts_add(&images[0]);
    assert_int_equal(images[0].rows, UINT32_MAX);
    buf_free(&text);
}

static void no_images_are_no_counts(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 10);
    image_counts_write(NULL, 0, &text);
    assert_string_equal(buf_text(&text),
                        "\"most_per_image\":0,\"per_image\":[0,0,0,0,0,0,0,0,0,0,0,0]");
    buf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_classes_with_rows_are_written),
        cmocka_unit_test(counts_do_not_end_at_16_bits),
        cmocka_unit_test(areas_at_a_bound_belong_to_the_bin_above),
        cmocka_unit_test(a_class_takes_one_line_of_the_cache),
        cmocka_unit_test(images_are_counted_by_their_rows),
        cmocka_unit_test(no_images_are_no_counts),
    };
    return cmocka_run_group_tests_name("class_counts", tests, NULL, NULL);
}
