/* The rule for run names, and names made from file names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "import/run_name.h"

static void a_run_is_named_after_its_file(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"yolov8.json", "yolov8"},
        {"yolov8 (1).json.gz", "yolov8-1"},
        {"C:\\fakepath\\My Results.JSON", "My-Results"},
        {"../../etc/passwd", "passwd"},
        {"runs/yolo//", "yolo"},
        {"v1.2_final.bbox.json", "v1.2_final.bbox"},
        {"results", "results"},
        {"lines.jsonl", "lines"},
        {"lines.ndjson.zst", "lines"},
        {"a.json.json.GZ.Zst", "a"},
        {"a.JsonL.gz", "a"},
        {"a.gz.tar", "a.gz.tar"},
        {"ajson", "ajson"},
        {"a..json", "a"},
        {"a -.json", "a"},
        {"--x--.json", "x"},
        {"_x_.json", "x_"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[RUN_NAME_ROOM];
        assert_true(run_name_from_file(cases[i][0], name));
        assert_string_equal(name, cases[i][1]);
        assert_true(run_name_is_allowed(name));
    }
}

static void some_files_give_no_name(void **state) {
    (void)state;
    static const char *const files[] = {"",         ".json", ".jsonl.gz",    "/",
                                        "(((.json", "..",    "\xc3\xa9.json"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[RUN_NAME_ROOM];
        assert_false(run_name_from_file(files[i], name));
        assert_string_equal(name, "");
    }
}

static void a_long_name_is_cut(void **state) {
    (void)state;
    char file[301];
    char name[RUN_NAME_ROOM];
    memset(file, 'a', 300);
    file[300] = '\0';
    run_name_from_file(file, name);
    assert_int_equal(strlen(name), 63);
    file[62] = ' '; /* would become the last character */
    run_name_from_file(file, name);
    assert_int_equal(strlen(name), 62);
}

static void an_ending_of_a_results_file_is_found(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t ending;
    } cases[] = {{"a.json", 5}, {"a.JSONL", 6}, {"a.json.gz", 3},  {"a.zst", 4}, {"a.ndjson", 7},
                 {".json", 5},  {"ajson", 0},   {"a.json.txt", 0}, {"a", 0},     {"", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].name);
        assert_int_equal(run_name_ending(cases[i].name, len), cases[i].ending);
    }
}

static void only_some_names_are_allowed(void **state) {
    (void)state;
    static const char *const allowed[] = {"a", "0", "Z.b-c_d", "123", "a-", "a."};
    static const char *const refused[] = {"", "-a", ".a", "_a", "a b", "a/b", "\xc3\xa9", "a\n"};
    char longest[RUN_NAME_ROOM + 1] = "";
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        assert_true(run_name_is_allowed(allowed[i]));
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(run_name_is_allowed(refused[i]));
    }
    memset(longest, 'x', RUN_NAME_MAX);
    assert_true(run_name_is_allowed(longest));
    longest[RUN_NAME_MAX] = 'x';
    assert_false(run_name_is_allowed(longest));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_named_after_its_file),
        cmocka_unit_test(some_files_give_no_name),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test(an_ending_of_a_results_file_is_found),
        cmocka_unit_test(only_some_names_are_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
