/* Lists of detections are sorted as a stable sort does it, however long they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "evaluation/keyed.h"

enum {
    LONGEST = 2000
};

static void fill(struct keyed_lists *lists, size_t count, uint64_t mask, unsigned shift) {
    static uint64_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        lists->list[i] = (struct keyed){(state >> 13 & mask) << shift, (uint32_t)i};
    }
}

static void check_sorted(const struct keyed *list, size_t count) {
    for (size_t i = 1; i < count; i++) {
        assert_true(list[i - 1].key <= list[i].key);
        if (list[i - 1].key == list[i].key) assert_true(list[i - 1].index < list[i].index);
    }
}

/* Few keys, so that many are equal; keys that differ in one digit; and any. */
static void lists_of_any_length_are_sorted_stably(void **state) {
    (void)state;
    static const uint64_t masks[] = {0, 1, 7, 0x3ff, UINT64_MAX >> 13};
    static const unsigned shifts[] = {0, 11, 40};
    static const size_t counts[] = {1, 2, 15, 16, 17, 33, 100, 767, 768, 769, LONGEST};
    struct keyed_lists lists = {0};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t m = 0; m < 5; m++) {
            for (size_t s = 0; s < 3; s++) {
                assert_true(keyed_reserve(&lists, counts[c]));
                fill(&lists, counts[c], masks[m], shifts[s]);
                keyed_sort(&lists, counts[c]);
                check_sorted(lists.list, counts[c]);
            }
        }
    }
    keyed_free(&lists);
}

static void keys_ascend_as_scores_descend(void **state) {
    (void)state;
    static const double scores[] = {1e300, 2, 1, .5, 1e-300, 5e-324, 0, -5e-324, -.5, -1, -1e300};
    for (size_t i = 1; i < sizeof scores / sizeof *scores; i++) {
        assert_true(keyed_key(scores[i - 1]) < keyed_key(scores[i]));
    }
    assert_true(keyed_key(0.) == keyed_key(-0.));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_any_length_are_sorted_stably),
        cmocka_unit_test(keys_ascend_as_scores_descend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
