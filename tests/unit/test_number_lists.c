/* Lists of numbers are read, and everything else is left to others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "json/number_lists.h"

/* A copy of exactly the bytes, so that sanitizers see reads behind them. */
static bool read_copy(struct number_lists *lists, const char *text, size_t len) {
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool good = number_lists_read(lists, (struct slice){copy, len});
    free(copy);
    return good;
}

static void lists_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double numbers[6];
        size_t ends[4];
        size_t lists;
        bool is_nested;
    } cases[] = {
        {"[]", {0}, {0}, 1, false},
        {"[7]", {7}, {1}, 1, false},
        {" [ 1 ,\t-2.5,3e2 ]\n", {1, -2.5, 300}, {3}, 1, false},
        {"[0.1,1e-320,123456789012345678901234567890]",
         {.1, 1e-320, 123456789012345678901234567890.},
         {3},
         1,
         false},
        {"[[]]", {0}, {0}, 1, true},
        {"[[1,2],[],[3]]", {1, 2, 3}, {2, 2, 3}, 3, true},
        {"[ [1 , 2] , [ 3,4 ,5, 6] ]", {1, 2, 3, 4, 5, 6}, {2, 6}, 2, true},
    };
    struct number_lists lists;
    number_lists_init(&lists);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        if (!read_copy(&lists, text, strlen(text))) fail_msg("%s", text);
        assert_int_equal(lists.is_nested, cases[i].is_nested);
        assert_int_equal(lists.list_count, cases[i].lists);
        assert_memory_equal(lists.ends, cases[i].ends, cases[i].lists * sizeof(size_t));
        assert_int_equal(lists.count, cases[i].ends[cases[i].lists - 1]);
        for (size_t n = 0; n < lists.count; n++) {
            assert_true(lists.numbers[n] == cases[i].numbers[n]);
        }
    }
    number_lists_free(&lists);
}

static void anything_else_is_left_alone(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",        " ",       "null",     "7",       "{}",        "[",       "]",      "[1",
        "1]",      "[1,]",    "[,1]",     "[1 2]",   "[1,,2]",    "[01]",    "[+1]",   "[.5]",
        "[1.]",    "[1e]",    "[-]",      "[1]]",    "[[1]",      "[[1],]",  "[[1]2]", "[1,[2]]",
        "[[1],2]", "[[[1]]]", "[[1][2]]", "[\"1\"]", "[[\"1\"]]", "[NaN]",   "[null]", "[[1e999]]",
        "[1e999]", "[true]",  "[{}]",     "[1]x",    "[1] [2]",   "[[1]],[]"};
    struct number_lists lists;
    number_lists_init(&lists);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (read_copy(&lists, texts[i], strlen(texts[i]))) fail_msg("%s was read", texts[i]);
    }
    assert_false(read_copy(&lists, "[1]\0", 4));
    assert_false(read_copy(&lists, "[1\0]", 4));
    number_lists_free(&lists);
}

static void a_beginning_is_no_list(void **state) {
    (void)state;
    static const char text[] = "[[1.5, 22e1, -3], [], [4, 5.25]]";
    struct number_lists lists;
    number_lists_init(&lists);
    for (size_t len = 0; len < sizeof text - 1; len++) assert_false(read_copy(&lists, text, len));
    assert_true(read_copy(&lists, text, sizeof text - 1));
    number_lists_free(&lists);
}

static void long_lists_are_read(void **state) {
    (void)state;
    enum {
        LISTS = 300,
        EACH = 50
    };
    struct number_lists lists;
    struct buf text;
    number_lists_init(&lists);
    buf_init(&text, 1 << 20);
    for (int i = 0; i < LISTS * EACH; i++) {
        buf_put_text(&text, i % EACH ? "," : i ? "],[" : "[[");
        buf_printf(&text, "%d.25", i);
    }
    buf_put_text(&text, "]]");
    assert_true(read_copy(&lists, buf_text(&text), text.len));
    assert_int_equal(lists.list_count, LISTS);
    assert_int_equal(lists.count, LISTS * EACH);
    for (size_t i = 0; i < lists.count; i++) assert_true(lists.numbers[i] == (double)i + .25);
    for (size_t i = 0; i < LISTS; i++) assert_int_equal(lists.ends[i], (i + 1) * EACH);
    buf_free(&text);
    number_lists_free(&lists);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(anything_else_is_left_alone),
        cmocka_unit_test(a_beginning_is_no_list),
        cmocka_unit_test(long_lists_are_read),
    };
    return cmocka_run_group_tests_name("number lists", tests, NULL, NULL);
}
