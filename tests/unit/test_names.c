/* Names: parts of file names, the index of a dataset's names, and names in messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coco/file_name.h"
#include "store/names.h"

static struct slice slice(const char *text) {
    return (struct slice){text, strlen(text)};
}

static void assert_part(struct slice part, const char *due) {
    if (!due) {
        assert_null(part.data);
        return;
    }
    assert_int_equal(part.len, strlen(due));
    assert_memory_equal(part.data, due, part.len);
}

static void a_file_name_has_parts(void **state) {
    (void)state;
    static const struct {
        const char *name, *base, *stem, *number;
    } cases[] = {
        {"a/b.c.jpg", "b.c.jpg", "b.c", NULL},
        {"a\\b/0042.jpg", "0042.jpg", "0042", "42"},
        {"b/a\\7", "7", "7", "7"},
        {"000.png", "000.png", "000", "0"},
        {".jpg", ".jpg", ".jpg", NULL},
        {"a/", "", "", NULL},
        {"", "", "", NULL},
        {"4 2.jpg", "4 2.jpg", "4 2", NULL},
        {"1.", "1.", "1", "1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_part(file_name_base(slice(cases[i].name)), cases[i].base);
        assert_part(file_name_stem(slice(cases[i].name)), cases[i].stem);
        assert_part(file_name_number(slice(cases[i].name)), cases[i].number);
    }
}

static void file_names_are_the_same(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"0002.jpg", "x/2.png", true}, {"b.c.jpg", "b.c", true},    {"b.c", "b", true},
        {"b.c.jpg", "b.d.jpg", false}, {"2.jpg", "20.jpg", false},  {"a.jpg", "A.jpg", false},
        {"a-2.jpg", "2.jpg", false},   {"0.jpg", "000.jpg", true},  {"0.jpg", "a.jpg", false},
        {"x\\a.jpg", "y/a.tif", true}, {"1/a.jpg", "1.jpg", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice a = slice(cases[i].a);
        struct slice b = slice(cases[i].b);
        if (file_name_is_same(a, b) != cases[i].same || file_name_is_same(b, a) != cases[i].same) {
            fail_msg("%s, %s", cases[i].a, cases[i].b);
        }
    }
}

/* Names that are parts of one another, so that each could be taken for another one. */
static void every_name_of_many_is_found_and_no_other(void **state) {
    (void)state;
    enum {
        COUNT = 20000
    };
    struct names names;
    struct err err;
    char name[32];
    int64_t id;
    names_init_images(&names);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "f%d/%06d.jpg", i % 7, i);
        assert_true(names_add(&names, i * 3 - 5, slice(name), &err));
    }
    assert_true(names_index(&names, &err));
    for (int i = 0; i < 2 * COUNT; i++) {
        static const char *const spelled[] = {"f%d/%06d.jpg", "g%d/%06d.jpg", "f%d/%06d"};
        for (size_t way = 0; way < sizeof spelled / sizeof *spelled; way++) {
            snprintf(name, sizeof name, spelled[way], i % 7, i);
            assert_int_equal(names_find(&names, slice(name), &id),
                             i < COUNT ? NAMES_ONE : NAMES_NONE);
            if (i < COUNT) assert_int_equal(id, i * 3 - 5);
        }
        assert_int_equal(names_find_number(&names, i, &id), i < COUNT ? NAMES_ONE : NAMES_NONE);
        snprintf(name, sizeof name, "%06d.png", i);
        assert_int_equal(names_find(&names, slice(name), &id), NAMES_NONE);
    }
    names_free(&names);
}

static void the_name_of_an_id_is_found(void **state) {
    (void)state;
    static const char *const classes[] = {"a", "", "dog"};
    struct names names;
    struct err err;
    names_init_categories(&names);
    assert_null(names_get(&names, 0).data);
    for (int i = 0; i < 3; i++) assert_true(names_add(&names, 10 * i, slice(classes[i]), &err));
    for (int64_t id = -1; id < 30; id++) {
        struct slice name = names_get(&names, id);
        bool is_there = id >= 0 && id % 10 == 0 && id <= 20;
        assert_int_equal(name.data != NULL, is_there);
        if (!is_there) continue;
        assert_int_equal(name.len, strlen(classes[id / 10]));
        assert_memory_equal(name.data, classes[id / 10], name.len);
    }
    names_free(&names);
}

static void numbers_come_one_by_one_without_those_of_two_images(void **state) {
    (void)state;
    static const char *const files[] = {"5.jpg",
                                        "a.jpg",
                                        "007.jpg",
                                        "x/07.png",
                                        "0.jpg",
                                        "99999999999999999999.jpg",
                                        "9223372036854775807.jpg"};
    struct names names;
    struct err err;
    size_t place = 0;
    int64_t number;
    int64_t id;
    int64_t sum = 0;
    int count = 0;
    names_init_images(&names);
    for (int i = 0; i < 7; i++) assert_true(names_add(&names, i, slice(files[i]), &err));
    assert_true(names.has_numbers && names_index(&names, &err));
    while (names_next_number(&names, &place, &number, &id)) {
        assert_int_equal(number, id == 0 ? 5 : id == 4 ? 0 : INT64_MAX);
        sum += id;
        count++;
    }
    assert_int_equal(count, 3);
    assert_int_equal(sum, 0 + 4 + 6);
    assert_int_equal(names_find_number(&names, 7, &id), NAMES_SEVERAL);
    names_free(&names);
}

static void more_bytes_than_names_may_take_are_refused(void **state) {
    (void)state;
    struct names names;
    struct err err;
    char *name = calloc(1, 1 << 20);
    names_init_categories(&names);
    for (int i = 0; i < NAMES_BYTES_MAX >> 20; i++) {
        assert_true(names_add(&names, i, (struct slice){name, 1 << 20}, &err));
    }
    assert_false(names_add(&names, 1000, (struct slice){name, 1}, &err));
    assert_int_equal(err.code, ERR_BUSY);
    names_free(&names);
    free(name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_name_has_parts),
        cmocka_unit_test(file_names_are_the_same),
        cmocka_unit_test(every_name_of_many_is_found_and_no_other),
        cmocka_unit_test(the_name_of_an_id_is_found),
        cmocka_unit_test(numbers_come_one_by_one_without_those_of_two_images),
        cmocka_unit_test(more_bytes_than_names_may_take_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
