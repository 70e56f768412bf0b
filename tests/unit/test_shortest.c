/* A double's text reads back as the same double, and is as short as printf's. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "json/shortest.h"
#include "json/writer.h"

static void assert_shortest(double value) {
    char due[64], text[SHORTEST_ROOM + 1];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(due, sizeof due, "%.*g", digits, value);
        if (strtod(due, NULL) == value) break;
    }
    text[shortest_write(value, text)] = '\0';
    if (strcmp(text, due) != 0) fail_msg("%a is %s, not %s", value, text, due);
}

/* The value, its neighbours, and all of them with a minus. */
static void assert_around(double value) {
    const double values[] = {value, nextafter(value, INFINITY), nextafter(value, -INFINITY)};
    for (size_t i = 0; i < 3; i++) {
        if (!isfinite(values[i])) continue;
        assert_shortest(values[i]);
        assert_shortest(-values[i]);
    }
}

static void borders_are_written_as_by_printf(void **state) {
    (void)state;
    assert_around(0);
    assert_around(DBL_MAX);
    assert_around(DBL_MIN);
    for (int i = -20; i <= 20; i++) assert_around(strtod("1", NULL) * pow(10, i));
    for (int i = -80; i <= 80; i++) assert_around(ldexp(1, i));
    for (int i = -80; i <= 80; i++) assert_around(ldexp(1 + 0x1p-52, i));
    for (int i = 1; i < 2000; i++) assert_around(i / 1000.);
    for (int i = 0; i <= 100; i++) assert_around(i * .01);
}

static double random_double(uint64_t *seed) {
    return (double)(random_next(seed) >> 11) * 0x1p-53;
}

static void random_doubles_are_written_as_by_printf(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 60000; i++) {
        double fraction = random_double(&seed);
        assert_shortest(fraction);
        assert_shortest(fraction * pow(10, (double)random_below(&seed, 24) - 6));
        assert_shortest((double)(float)fraction);
        assert_shortest((double)random_below(&seed, 9000) /
                        (double)(1 + random_below(&seed, 9000)));
        uint64_t bits = random_next(&seed);
        double any;
        memcpy(&any, &bits, sizeof any);
        if (isfinite(any)) assert_shortest(any);
    }
}

static void json_has_no_other_numbers(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    const double values[] = {-1, .1, 1, INFINITY, NAN};
    for (size_t i = 0; i < 5; i++) {
        json_write_double(&buf, values[i]);
        buf_put_char(&buf, ' ');
    }
    json_write_count(&buf, 0);
    buf_put_char(&buf, ' ');
    json_write_count(&buf, UINT64_MAX);
    assert_string_equal(buf_text(&buf), "-1 0.1 1 null null 0 18446744073709551615");
    buf_free(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borders_are_written_as_by_printf),
        cmocka_unit_test(random_doubles_are_written_as_by_printf),
        cmocka_unit_test(json_has_no_other_numbers),
    };
    return cmocka_run_group_tests_name("shortest", tests, NULL, NULL);
}
