/*
 * The files of JSONTestSuite (Nicolas Seriot, "Parsing JSON is a Minefield"): n_* must be refused,
 * y_* accepted; i_* may be either, but must do no harm. They are read from $PGCOCO_DATA or a folder
 * beside the project.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rendering.h"
#include "json/lexical.h"
#include "json/parser.h"

/* Accepted, although the suite refuses it. */
static const struct {
    const char *name;
    const char *reason;
} exceptions[] = {
    {"n_number_NaN.json", "Python writes it: a token that makes its row be skipped"},
    {"n_number_infinity.json", "the same"},
    {"n_number_minus_infinity.json", "the same"},
};

static bool is_exception(const char *name) {
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        if (strcmp(exceptions[i].name, name) == 0) return true;
    }
    return false;
}

/* Finds the place of the suite. */
static void name_suite(char *path, size_t room) {
    const char *data = getenv("PGCOCO_DATA");
    const char *source = getenv("srcdir");
    if (data && *data) {
        snprintf(path, room, "%s/JSONTestSuite/test_parsing", data);
    } else {
        snprintf(path, room, "%s/../shared/data/JSONTestSuite/test_parsing", source ? source : ".");
    }
}

static void read_file(const char *folder, const char *name, struct buf *into) {
    char path[4096];
    char bytes[4096];
    size_t len;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while ((len = fread(bytes, 1, sizeof bytes, file)) > 0) buf_put(into, bytes, len);
    assert_false(ferror(file));
    fclose(file);
    assert_false(into->failed);
}

/* True if the body is accepted. Way, window and size of reads must make no difference. */
static bool is_taken(const char *name, const struct buf *body) {
    static const size_t sizes[] = {262144, 1, 2, 3, 7, 64, 4096};
    bool taken = false;
    for (enum way way = WALK_ALL; way <= WHOLE; way++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct json_limits limits = json_default_limits;
            struct source source;
            struct buf text;
            struct err err = {0};
            limits.window = sizes[i];
            source_init(&source, body->data, body->len, sizes[i], sizes[i]);
            buf_init(&text, SIZE_MAX / 2);
            bool now = render_source(&source, &limits, way, &text, &err);
            if (way == WALK_ALL && i == 0) taken = now;
            if (now != taken) fail_msg("%s: not the same in another way: %s", name, err.message);
            assert_int_equal(err.code != ERR_NONE, !now);
            buf_free(&text);
        }
    }
    return taken;
}

/* An array or an object in memory is taken as well, and no beginning of it is. */
static void check_parser(const char *name, const struct buf *body) {
    struct json_parser parser;
    struct json_value value;
    struct err err;
    struct slice text = {body->data, body->len};
    while (lexical_is_space(text.data[text.len - 1])) text.len--;
    json_parser_init(&parser, 64);
    bool is_container = *text.data == '[' || *text.data == '{';
    if (json_parser_read(&parser, text, &value, &err) != is_container) fail_msg("%s", name);
    while (text.len-- > 0) {
        if (!json_parser_read(&parser, text, &value, &err)) continue;
        fail_msg("%s: its first %zu bytes were taken", name, text.len);
    }
    json_parser_free(&parser);
}

/* True if the file was accepted or refused as its name demands; prints a message if not. */
static bool is_treated_right(const char *folder, const char *name) {
    struct buf body;
    buf_init(&body, SIZE_MAX / 2);
    read_file(folder, name, &body);
    bool taken = is_taken(name, &body);
    bool right = name[0] == 'i' || taken == (name[0] == 'y' || is_exception(name));
    if (!right) print_error("%s was %s\n", name, taken ? "taken" : "refused");
    if (name[0] == 'y' && !lexical_is_space(body.data[0])) check_parser(name, &body);
    buf_free(&body);
    return right;
}

/* Reads all files whose names start with this letter; there must be at least `least`. */
static void read_suite(char letter, size_t least) {
    char folder[2048];
    struct dirent **files = NULL;
    size_t seen = 0;
    size_t wrong = 0;
    name_suite(folder, sizeof folder);
    int count = scandir(folder, &files, NULL, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        const char *name = files[i]->d_name;
        if (name[0] == letter && name[1] == '_') {
            wrong += !is_treated_right(folder, name);
            seen++;
        }
        free(files[i]);
    }
    free(files);
    assert_int_equal(wrong, 0);
    assert_true(seen >= least);
}

static void what_is_json_is_taken(void **state) {
    (void)state;
    read_suite('y', 90);
}

static void what_is_not_json_is_refused(void **state) {
    (void)state;
    read_suite('n', 180);
}

static void what_is_left_open_brings_nothing_down(void **state) {
    (void)state;
    read_suite('i', 30);
}

/* Reports in TAP, instead of cmocka, that this program runs no tests: cmocka 1.1 reports a skipped
 * test as "not ok", which counts as a failure. */
static bool skip_all_without_suite(void) {
    char folder[2048];
    name_suite(folder, sizeof folder);
    if (access(folder, R_OK) == 0) return false;
    printf("1..0 # SKIP there is no folder %s; set PGCOCO_DATA\n", folder);
    return true;
}

int main(void) {
    if (skip_all_without_suite()) return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_json_is_taken),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(what_is_left_open_brings_nothing_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
