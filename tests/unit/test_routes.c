/* The table of routes, from which descriptions are made, and the parser of parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/errors.h"
#include "api/export.h"
#include "api/operation.h"
#include "api/parameters.h"
#include "api/routes.h"

/* ---- the tables -------------------------------------------------------------------------- */

static size_t count_of(const struct route *route) {
    size_t count = 0;
    while (route->parameters[count]) count++;
    return count;
}

static void a_route_says_what_it_does(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];
        assert_non_null(route->handle);
        assert_int_equal(route->pattern[0], '/');
        assert_true(route->summary[0] && !strchr(route->summary, '\n'));
        assert_true(count_of(route) <= ROUTE_PARAMETERS);
    }
}

static bool is_tag(const char *name) {
    for (const struct operation_tag *tag = operation_tags; tag->name; tag++) {
        if (strcmp(tag->name, name) == 0) return true;
    }
    return false;
}

static bool is_taken(const struct route *route, enum parameter_id id) {
    for (const enum parameter_id *taken = route->parameters; *taken; taken++) {
        if (*taken == id) return true;
    }
    return false;
}

static void a_route_tells_clients_what_it_is(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct operation *about = &route_table[i].about;
        assert_true(about->id && about->id[0] && about->tag && is_tag(about->tag));
        assert_true(about->answers[0].status >= 200 && about->answers[0].status < 400);
        for (const enum parameter_id *id = about->requires; *id; id++) {
            assert_true(is_taken(&route_table[i], *id) && parameter_table[*id].example);
        }
        for (const enum parameter_id *id = route_table[i].parameters; *id; id++) {
            assert_true(!parameter_table[*id].in_path || parameter_table[*id].example);
        }
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(about->id, route_table[j].about.id);
        }
    }
}

static const struct route *route_called(const char *id) {
    for (size_t i = 0; i < route_count; i++) {
        if (strcmp(route_table[i].about.id, id) == 0) return &route_table[i];
    }
    fail_msg("no route %s", id);
    return NULL;
}

static void what_a_route_may_answer_follows_from_its_row(void **state) {
    (void)state;
    assert_true(operation_may_fail(route_called("getRun"), ERR_UNKNOWN_RUN));
    assert_false(operation_may_fail(route_called("putRun"), ERR_UNKNOWN_RUN));
    assert_true(operation_may_fail(route_called("putRun"), ERR_UNKNOWN_DATASET));
    assert_true(operation_may_fail(route_called("putRun"), ERR_NOTHING_TAKEN));
    assert_false(operation_may_fail(route_called("putSlice"), ERR_NOTHING_TAKEN));
    assert_true(operation_may_fail(route_called("putSlice"), ERR_WRONG_SHAPE));
    assert_false(operation_may_fail(route_called("getRun"), ERR_FORBIDDEN));
    assert_true(operation_may_fail(route_called("deleteRun"), ERR_FORBIDDEN));
    assert_false(operation_may_fail(route_called("getLiveness"), ERR_DATABASE_AWAY));
    assert_false(operation_may_fail(route_called("getRun"), ERR_NONE));
}

static void no_two_routes_are_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_true(strcmp(route_table[i].method, route_table[j].method) != 0 ||
                        strcmp(route_table[i].pattern, route_table[j].pattern) != 0);
        }
    }
}

/* Each parameter of a path is listed at the position where the pattern has its name in braces. */
static void the_parameters_of_a_path_come_first_in_its_order(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const enum parameter_id *takes = route_table[i].parameters;
        const char *brace = route_table[i].pattern;
        while ((brace = strchr(brace, '{')) != NULL) {
            char expected[64];
            assert_true(parameter_table[*takes].in_path);
            snprintf(expected, sizeof expected, "{%s}", parameter_table[*takes].name);
            assert_memory_equal(brace, expected, strlen(expected));
            brace += strlen(expected);
            takes++;
        }
        for (; *takes; takes++) assert_false(parameter_table[*takes].in_path);
    }
}

static void a_statement_asks_for_no_more_than_the_parameters_of_its_route(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];
        if (!route->sql) continue;
        /* The last parameter is kept by the handler: sigmas of errors, which is for making the
         * rows, and gzip of exports. */
        bool keeps = route->handle == errors_get || route->handle == export_get;
        size_t count = count_of(route) - keeps;
        for (size_t n = 1; n <= ROUTE_PARAMETERS; n++) {
            char placeholder[8];
            snprintf(placeholder, sizeof placeholder, "$%zu", n);
            bool asked = strstr(route->sql, placeholder) != NULL;
            assert_int_equal(asked, n <= count);
        }
    }
}

static void a_parameter_is_described_and_its_default_is_allowed(void **state) {
    (void)state;
    for (enum parameter_id id = PARAMETER_NONE + 1; id < PARAMETERS; id++) {
        const struct parameter *parameter = &parameter_table[id];
        struct parameter_value value;
        struct err err;
        assert_true(parameter->name[0] && parameter->description[0]);
        assert_int_equal(parameter->choices != NULL, parameter->type == PARAMETER_CHOICE ||
                                                         parameter->type == PARAMETER_CHOICES);
        if (parameter->type == PARAMETER_INTEGER) assert_true(parameter->min < parameter->max);
        if (parameter->type == PARAMETER_NUMBER) assert_true(parameter->least < parameter->most);
        if (parameter->fallback) {
            assert_true(parameter_parse(parameter, parameter->fallback, &value, &err));
        }
    }
}

/* ---- values ------------------------------------------------------------------------------ */

static bool parses(const struct parameter *parameter, const char *text,
                   struct parameter_value *value) {
    struct err err = {0};
    bool good = parameter_parse(parameter, text, value, &err);
    assert_int_equal(good, err.code == ERR_NONE);
    if (!good) assert_memory_equal(err.message, "p must be ", 10);
    return good;
}

static void an_integer_has_bounds(void **state) {
    (void)state;
    static const struct parameter p = {
        .name = "p", .type = PARAMETER_INTEGER, .min = -2, .max = INT64_MAX};
    static const char *const bad[] = {"",   "-",   "x",   "1x",  " 1", "+1", "1.0",
                                      "-3", "1e3", "0x1", "--1", "1 ", "\t1"};
    struct parameter_value value;
    assert_true(parses(&p, "-2", &value) && value.integer == -2);
    assert_true(parses(&p, "007", &value) && value.integer == 7);
    assert_true(parses(&p, "9223372036854775807", &value) && value.integer == INT64_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(parses(&p, bad[i], &value));
}

static void a_choice_is_known_by_its_position(void **state) {
    (void)state;
    static const char *const choices[] = {"up", "down", NULL};
    static const struct parameter p = {.name = "p", .type = PARAMETER_CHOICE, .choices = choices};
    struct parameter_value value;
    struct err err;
    assert_true(parses(&p, "up", &value) && value.choice == 0);
    assert_true(parses(&p, "down", &value) && value.choice == 1);
    assert_false(parses(&p, "", &value) || parses(&p, "Up", &value) || parses(&p, "upper", &value));
    assert_false(parameter_parse(&p, "left", &value, &err));
    assert_string_equal(err.message, "p must be up or down, not \"left\"");
}

static void several_choices_come_once_each(void **state) {
    (void)state;
    static const char *const choices[] = {"up", "down", NULL};
    static const struct parameter p = {.name = "p", .type = PARAMETER_CHOICES, .choices = choices};
    static const char *const bad[] = {",",        "up,",  ",up", "up,up",
                                      "up, down", "left", "u",   "up,dow"};
    struct parameter_value value;
    assert_true(parses(&p, "up", &value) && parses(&p, "down,up", &value));
    assert_string_equal(value.text, "down,up");
    assert_true(parses(&p, "", &value) && !value.text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(parses(&p, bad[i], &value));
}

static void a_number_has_bounds(void **state) {
    (void)state;
    static const struct parameter p = {
        .name = "p", .type = PARAMETER_NUMBER, .least = .001, .most = 1};
    static const char *const bad[] = {"",    "0",   "1.001", "-0.5", "+0.5", " 0.5", "0.5 ", ".",
                                      "0x1", "nan", "inf",   "1e9",  "0,5",  "0.5.", "1e",   "x"};
    struct parameter_value value;
    assert_true(parses(&p, ".5", &value) && value.number == .5);
    assert_true(parses(&p, "1e-3", &value) && value.number == .001);
    assert_true(parses(&p, "1.", &value) && value.number == 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(parses(&p, bad[i], &value));
}

static void ids_are_whole_numbers_with_commas(void **state) {
    (void)state;
    static const struct parameter p = {.name = "p", .type = PARAMETER_IDS};
    static const char *const bad[] = {",",  "1,",  ",1",         "1,,2",        "1, 2",   " 1",
                                      "+1", "1.0", "2147483648", "-2147483649", "1,2,x3", "1;2"};
    struct parameter_value value;
    assert_true(parses(&p, "1,2,3", &value) && parses(&p, "-2147483648,2147483647", &value));
    assert_true(parses(&p, "", &value) && !value.text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(parses(&p, bad[i], &value));
}

/* ---- a query string ---------------------------------------------------------------------- */

static const enum parameter_id takes[] = {PATH_DATASET,      QUERY_DRY_RUN, QUERY_CATEGORY_OFFSET,
                                          QUERY_MAX_SKIPPED, QUERY_SPLIT,   PARAMETER_NONE};

static void what_is_not_given_has_its_default(void **state) {
    (void)state;
    struct parameters p = {0};
    struct err err;
    assert_true(parameters_read_query(&p, takes, "&category_offset=-1&&split=&", &err));
    assert_true(p.values[QUERY_CATEGORY_OFFSET].is_given);
    assert_true(p.values[QUERY_CATEGORY_OFFSET].integer == -1);
    assert_false(p.values[QUERY_DRY_RUN].is_given || p.values[QUERY_DRY_RUN].flag);
    assert_string_equal(p.values[QUERY_DRY_RUN].text, "0");
    assert_null(p.values[QUERY_MAX_SKIPPED].text);
    assert_false(p.values[QUERY_MAX_SKIPPED].skip_limit.is_set);
    assert_null(p.values[QUERY_SPLIT].text);
    /* Not a parameter of the route. */
    assert_null(p.values[QUERY_MATCH].text);
}

static void values_keep_their_texts_apart(void **state) {
    (void)state;
    struct parameters p = {0};
    struct err err;
    assert_true(parameters_read_path(&p, PATH_DATASET, (struct slice){"street/runs", 6}, &err));
    assert_true(parameters_read_query(&p, takes, "max_skipped=2.5%&split=%74rain", &err));
    assert_string_equal(p.values[PATH_DATASET].text, "street");
    assert_string_equal(p.values[QUERY_MAX_SKIPPED].text, "2.5%");
    assert_string_equal(p.values[QUERY_SPLIT].text, "train");
}

static void values_that_are_too_long_together_are_refused(void **state) {
    (void)state;
    static char query[2 * PARAMETERS_TEXT];
    struct parameters p = {0};
    struct err err;
    memset(query, 'x', sizeof query - 1);
    memcpy(query, "split=", 6);
    assert_false(parameters_read_query(&p, takes, query, &err));
    assert_non_null(strstr(err.message, "too long"));
    struct parameters q = {0};
    assert_false(
        parameters_read_path(&q, PATH_DATASET, (struct slice){query, PARAMETERS_TEXT}, &err));
    assert_non_null(strstr(err.message, "too long"));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_says_what_it_does),
        cmocka_unit_test(a_route_tells_clients_what_it_is),
        cmocka_unit_test(what_a_route_may_answer_follows_from_its_row),
        cmocka_unit_test(no_two_routes_are_the_same),
        cmocka_unit_test(the_parameters_of_a_path_come_first_in_its_order),
        cmocka_unit_test(a_statement_asks_for_no_more_than_the_parameters_of_its_route),
        cmocka_unit_test(a_parameter_is_described_and_its_default_is_allowed),
        cmocka_unit_test(an_integer_has_bounds),
        cmocka_unit_test(a_choice_is_known_by_its_position),
        cmocka_unit_test(several_choices_come_once_each),
        cmocka_unit_test(a_number_has_bounds),
        cmocka_unit_test(ids_are_whole_numbers_with_commas),
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(values_keep_their_texts_apart),
        cmocka_unit_test(values_that_are_too_long_together_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
