/*
 * Numbers from text. Doubles are compared with strtod, which the C library rounds correctly, and
 * some with their known values.
 */
#include "json/number.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "source.h"
#include "json/lexical.h"

/* A value that is one number; exactly one byte follows it in the buffer. */
struct number {
    char *text;
    struct json_node node;
    struct json_value value;
};

static void number_open(struct number *number, const char *text, char behind) {
    size_t len = strlen(text);
    number->text = malloc(len + 1);
    assert_non_null(number->text);
    for (size_t i = 0; i < len; i++) number->text[i] = text[i];
    number->text[len] = behind;
    assert_true(lexical_is_number(text, len, text + len));
    number->node = (struct json_node){.end = (uint32_t)len, .next = 1, .type = JSON_NUMBER};
    number->value = (struct json_value){.text = number->text, .nodes = &number->node, .count = 1};
}

static void number_close(struct number *number) {
    free(number->text);
}

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* ---- doubles ------------------------------------------------------------------------------- */

static void assert_double(const char *text, double due) {
    static const char behind[] = ",]} \n";
    for (size_t i = 0; i < sizeof behind - 1; i++) {
        struct number number;
        double seen = 12345;
        number_open(&number, text, behind[i]);
        enum number_result result = number_double(&number.value, 0, &seen);
        double taken = 12345;
        const char *p = number.text;
        bool good = number_take_double(&p, number.text + strlen(text) + 1, &taken);
        assert_true(good == isfinite(due));
        if (good) assert_int_equal(bits_of(taken), bits_of(seen));
        assert_ptr_equal(p, number.text + strlen(text));
        if (isfinite(due)) {
            assert_int_equal(result, NUMBER_OK);
            if (bits_of(seen) != bits_of(due)) fail_msg("%s is %a, not %a", text, due, seen);
        } else {
            assert_int_equal(result, NUMBER_OUT_OF_RANGE);
        }
        number_close(&number);
    }
}

/* Checks the number and its negative against strtod. */
static void assert_as_strtod(const char *text) {
    char negative[4096];
    assert_double(text, strtod(text, NULL));
    snprintf(negative, sizeof negative, "-%s", text);
    assert_double(negative, strtod(negative, NULL));
}

static void doubles_are_what_arithmetic_says(void **state) {
    (void)state;
    assert_double("0", 0.0);
    assert_double("-0", -0.0);
    assert_double("-0.0e-5", -0.0);
    assert_double("0e999999999", 0.0);
    assert_double("1", 1.0);
    assert_double("0.5", 0x1p-1);
    assert_double("-1.25e1", -12.5);
    assert_double("9007199254740991", 0x1.fffffffffffffp52);
    assert_double("9007199254740992", 0x1p53);
    assert_double("9007199254740993", 0x1p53); /* a tie: to even, down */
    assert_double("9007199254740993.0000000000000000000000000000000000000001",
                  0x1.0000000000001p53);
    assert_double("9007199254740994", 0x1.0000000000001p53);
    assert_double("9007199254740995", 0x1.0000000000002p53); /* a tie: to even, up */
    assert_double("18014398509481985", 0x1p54);
    assert_double("18446744073709551615", 0x1p64);
    assert_double("18446744073709551616", 0x1p64);
    assert_double("1e22", 0x1.0f0cf064dd592p73);
    assert_double("1e23", 0x1.52d02c7e14af6p76); /* not 1e22 times 10 */
    assert_double("4.9406564584124654e-324", 0x1p-1074);
    assert_double("2.4703282292062328e-324", 0x1p-1074);
    assert_double("2.4703282292062327e-324", 0.0);
    assert_double("2.2250738585072014e-308", 0x1p-1022);
    assert_double("2.2250738585072011e-308", 0x0.fffffffffffffp-1022);
    assert_double("1.7976931348623157e308", DBL_MAX);
    assert_double("1.7976931348623158e308", DBL_MAX);
    assert_double("1e-400", 0.0);
    assert_double("-1e-999999999999999999999", -0.0);
}

static void what_rounds_to_infinity_is_out_of_range(void **state) {
    (void)state;
    assert_double("1.7976931348623159e308", INFINITY);
    assert_double("1e309", INFINITY);
    assert_double("-1e400", INFINITY);
    assert_double("1e999999999999999999999", INFINITY);
}

static void hard_doubles_are_the_nearest(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0.1",
        "0.3",
        "1e-22",
        "1e-23",
        "9007199254740992e22",
        "9007199254740992e-22",
        "9007199254740993e22",
        "9007199254740993e-22",
        "123456789012345678",
        "1234567890123456789",
        "12345678901234567890",
        "12345678901234567890123",
        "0.00000000000000000000000000000000012345678901234567",
        "258.14999389648438",
        "0.23600000143051147",
        "6.631236846766476e-316",
        "8.988465674311580536566680721305e307",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "0.500000000000000166533453693773481063544750213623046875",
        "3.518437208883201171875e13",
        "62.5364939768271845828",
        "8.10109172351e-10",
        "1.50000000000000011102230246251565",
        "2."
        "225073858507201136057409796709131975934819546351645648023426109724822222021076945516529523"
        "908135"
        "08792086910303000e-308",
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"
        "977587"
        "20709601e200",
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"
        "97758"
        "720709633028641669288791094655554785194040263065748867150582068190890200070838367627385484"
        "5817"
        "711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559"
        "6995"
        "08093042880",
        "10000000000000000000000e-20",
        "0e-999999999",
        "1e308",
        "1e-308",
        "1e-323",
        "3e-324",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_as_strtod(texts[i]);
}

static void every_power_of_ten_is_the_nearest(void **state) {
    (void)state;
    for (int exponent = -410; exponent <= 410; exponent++) {
        char text[64];
        for (unsigned digits = 1; digits <= 19; digits += 6) {
            snprintf(text, sizeof text, "%.*se%d", (int)digits, "9876543210123456789", exponent);
            assert_as_strtod(text);
        }
        snprintf(text, sizeof text, "1e%d", exponent);
        assert_as_strtod(text);
    }
}

static void a_thousand_digits_are_no_harder(void **state) {
    (void)state;
    char text[2100];
    for (size_t len = 15; len < 2000; len += 45) {
        for (size_t i = 0; i < len; i++) text[i] = (char)('1' + i * i % 9);
        snprintf(text + len, sizeof text - len, "e-%zu", len);
        assert_as_strtod(text);
        text[len / 2] = '.';
        assert_as_strtod(text);
        snprintf(text, sizeof text, "0.%0*d", (int)len, 7);
        assert_as_strtod(text);
        snprintf(text, sizeof text, "1%0*de-%zu", (int)len, 0, len);
        assert_as_strtod(text);
    }
}

/* ---- random doubles -------------------------------------------------------------------------- */

/* Appends a number as detectors write them, with up to 17 digits. */
static void put_measure(struct buf *into, uint64_t *seed) {
    double x = (double)random_below(seed, 640000000) / 1e6;
    switch (random_below(seed, 4)) {
    case 0:
        buf_printf(into, "%.2f", x);
        break;
    case 1:
        buf_printf(into, "%.17g", (double)(float)x);
        break;
    case 2:
        buf_printf(into, "%.17g", x / 640);
        break;
    default:
        buf_printf(into, "%.16g", x * x);
    }
}

/* Appends any finite double. */
static void put_any_double(struct buf *into, uint64_t *seed) {
    uint64_t bits;
    double x;
    do {
        bits = random_next(seed);
        memcpy(&x, &bits, sizeof x);
    } while (!isfinite(x));
    buf_printf(into, "%.*g", (int)(14 + random_below(seed, 8)), x);
}

/* Appends a number half way between two doubles, or close to it: an odd number of 54 bits, times a
 * power of two. */
static void put_halfway(struct buf *into, uint64_t *seed) {
    uint64_t odd = (UINT64_C(1) << 53) | random_next(seed) >> 11 | 1;
    unsigned power = (unsigned)random_below(seed, 5);
    uint64_t digits = odd;
    if (random_below(seed, 2)) {
        buf_printf(into, "%" PRIu64, (odd << power) + random_below(seed, 3) - 1);
        return;
    }
    for (unsigned i = 0; i < power; i++) digits *= 5; /* odd / 2^power = digits / 10^power */
    digits += random_below(seed, 3) - 1;
    buf_printf(into, "%" PRIu64 "e-%u", digits, power);
}

static void put_digits(struct buf *into, uint64_t *seed, size_t count) {
    buf_put_char(into, (char)('1' + random_below(seed, 9)));
    for (size_t i = 1; i < count; i++) {
        size_t digit = random_below(seed, 3) ? random_below(seed, 10) : 0;
        buf_put_char(into, (char)('0' + digit));
    }
}

static void put_free_form(struct buf *into, uint64_t *seed, int exponents) {
    bool whole = random_below(seed, 4) > 0;
    if (whole) put_digits(into, seed, 1 + random_below(seed, 25));
    if (!whole) buf_put_char(into, '0');
    if (!whole || random_below(seed, 2)) {
        buf_put_char(into, '.');
        for (size_t zeros = random_below(seed, 8); zeros > 0; zeros--) buf_put_char(into, '0');
        put_digits(into, seed, 1 + random_below(seed, 25));
    }
    if (random_below(seed, 2)) {
        int exponent = (int)random_below(seed, (size_t)exponents * 2 + 1) - exponents;
        buf_printf(into, random_below(seed, 2) ? "e%d" : "E%+d", exponent);
    }
}

static void a_million_random_doubles_are_the_nearest(void **state) {
    (void)state;
    uint64_t seed = 754;
    struct buf text;
    buf_init(&text, 4096);
    for (int round = 0; round < 1000000; round++) {
        buf_reset(&text);
        /* The first two kinds have a sign already. */
        if (round % 5 > 1 && random_below(&seed, 4) == 0) buf_put_char(&text, '-');
        switch (round % 5) {
        case 0:
            put_measure(&text, &seed);
            break;
        case 1:
            put_any_double(&text, &seed);
            break;
        case 2:
            put_halfway(&text, &seed);
            break;
        case 3:
            put_free_form(&text, &seed, 30);
            break;
        default:
            put_free_form(&text, &seed, 400);
        }
        size_t len = text.len;
        double due = strtod(buf_text(&text), NULL);
        double seen = 12345;
        buf_put_char(&text, ',');
        struct json_node node = {.end = (uint32_t)len, .next = 1, .type = JSON_NUMBER};
        struct json_value value = {.text = text.data, .nodes = &node, .count = 1};
        enum number_result result = number_double(&value, 0, &seen);
        if (result != (isfinite(due) ? NUMBER_OK : NUMBER_OUT_OF_RANGE) ||
            (isfinite(due) && bits_of(due) != bits_of(seen))) {
            fail_msg("%s: result %d, %a, not %a", buf_text(&text), (int)result, seen, due);
        }
    }
    buf_free(&text);
}

/* ---- whole numbers ------------------------------------------------------------------------- */

static void assert_int64(const char *text, enum number_result due, int64_t due_value) {
    struct number number;
    int64_t seen = 0;
    number_open(&number, text, ',');
    enum number_result result = number_int64(&number.value, 0, &seen);
    if (result != due || seen != due_value) {
        fail_msg("%s: result %d, %" PRId64, text, (int)result, seen);
    }
    number_close(&number);
}

static void assert_int32(const char *text, enum number_result due, int32_t due_value) {
    struct number number;
    int32_t seen = 0;
    number_open(&number, text, ']');
    assert_int_equal(number_int32(&number.value, 0, &seen), due);
    assert_int_equal(seen, due_value);
    number_close(&number);
}

static void whole_numbers_are_whole_however_they_are_written(void **state) {
    (void)state;
    static const char *const forty_twos[] = {
        "42",
        "42.0",
        "42.000",
        "4.2e1",
        "4.20E+1",
        "420e-1",
        "42000e-3",
        "0.42e2",
        "42e0",
        "42e-0",
        "42E+00",
        "0.0042e4",
        "42.0e0",
        "4200.00e-02",
        "0.000000000000000000000042e24",
        "4200000000000000000000000000000000000000e-38",
    };
    for (size_t i = 0; i < sizeof forty_twos / sizeof *forty_twos; i++) {
        char negative[64];
        assert_int64(forty_twos[i], NUMBER_OK, 42);
        assert_int32(forty_twos[i], NUMBER_OK, 42);
        snprintf(negative, sizeof negative, "-%s", forty_twos[i]);
        assert_int64(negative, NUMBER_OK, -42);
        assert_int32(negative, NUMBER_OK, -42);
    }
    assert_int64("10000000000000000000000e-20", NUMBER_OK, 100);
    assert_int64("1e18", NUMBER_OK, INT64_C(1000000000000000000));
}

static void zero_is_zero_whatever_its_exponent(void **state) {
    (void)state;
    static const char *const zeros[] = {"0",      "-0",          "0.0",
                                        "-0.000", "0e999999999", "0e-999999999",
                                        "0e400",  "-0.00e-400",  "0e99999999999999999999"};
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++) {
        assert_int64(zeros[i], NUMBER_OK, 0);
        assert_int32(zeros[i], NUMBER_OK, 0);
    }
}

static void fractions_are_not_whole(void **state) {
    (void)state;
    static const char *const fractions[] = {
        "42.5",
        "0.1",
        "-0.5",
        "42e-1",
        "1e-400",
        "1e-999999999999",
        "42.00000000000000000000000000000000000001",
        "1234567890123456789.5", /* 20 digits, the last one after the point */
        "1234567890123456789.00000000000000000000000000000000000000000000000000000000000000000001",
        "922337203685477580.75",
        "12345678901234567890123e-10",
    };
    for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
        assert_int64(fractions[i], NUMBER_WRONG_TYPE, 0);
        assert_int32(fractions[i], NUMBER_WRONG_TYPE, 0);
    }
}

static void integers_end_where_their_type_ends(void **state) {
    (void)state;
    assert_int64("9223372036854775806", NUMBER_OK, INT64_MAX - 1);
    assert_int64("9223372036854775807", NUMBER_OK, INT64_MAX);
    assert_int64("9223372036854775807.000", NUMBER_OK, INT64_MAX);
    assert_int64("9.223372036854775807e18", NUMBER_OK, INT64_MAX);
    assert_int64("92233720368547758070e-1", NUMBER_OK, INT64_MAX);
    assert_int64("9223372036854775808", NUMBER_OUT_OF_RANGE, 0);
    assert_int64("-9223372036854775807", NUMBER_OK, -INT64_MAX);
    assert_int64("-9223372036854775808", NUMBER_OK, INT64_MIN);
    assert_int64("-922337203685477580.8e1", NUMBER_OK, INT64_MIN);
    assert_int64("-9223372036854775809", NUMBER_OUT_OF_RANGE, 0);
    assert_int64("18446744073709551615", NUMBER_OUT_OF_RANGE, 0);
    assert_int64("18446744073709551616", NUMBER_OUT_OF_RANGE, 0);
    assert_int64("18446744073709551658", NUMBER_OUT_OF_RANGE, 0); /* 2^64 + 42 */
    assert_int64("184467440737095516160", NUMBER_OUT_OF_RANGE, 0);
    assert_int64("1e19", NUMBER_OUT_OF_RANGE, 0);
    assert_int64("1e400", NUMBER_OUT_OF_RANGE, 0);
    assert_int64("-1e400", NUMBER_OUT_OF_RANGE, 0);
    assert_int64("1e999999999999999999999", NUMBER_OUT_OF_RANGE, 0);
    assert_int32("2147483647", NUMBER_OK, INT32_MAX);
    assert_int32("2147483648", NUMBER_OUT_OF_RANGE, 0);
    assert_int32("-2147483648", NUMBER_OK, INT32_MIN);
    assert_int32("-2147483649", NUMBER_OUT_OF_RANGE, 0);
    assert_int32("4294967338", NUMBER_OUT_OF_RANGE, 0); /* 2^32 + 42 */
    assert_int32("1e400", NUMBER_OUT_OF_RANGE, 0);
}

static void hundreds_of_digits_are_read_to_the_end(void **state) {
    (void)state;
    char text[1000];
    snprintf(text, sizeof text, "1%0300d", 0);
    assert_int64(text, NUMBER_OUT_OF_RANGE, 0);
    snprintf(text, sizeof text, "42%0300de-300", 0);
    assert_int64(text, NUMBER_OK, 42);
    snprintf(text, sizeof text, "42%0300de-301", 0);
    assert_int64(text, NUMBER_WRONG_TYPE, 0);
    snprintf(text, sizeof text, "42.%0300d", 0);
    assert_int64(text, NUMBER_OK, 42);
    snprintf(text, sizeof text, "42.%0300d", 1);
    assert_int64(text, NUMBER_WRONG_TYPE, 0);
    snprintf(text, sizeof text, "0.%0300de300", 42);
    assert_int64(text, NUMBER_OK, 42);
    snprintf(text, sizeof text, "9%0300d", 9);
    assert_int64(text, NUMBER_OUT_OF_RANGE, 0);
}

/* Appends v as digits and an exponent, with the point anywhere and any number of zeros. */
static void put_shifted(struct buf *into, int64_t v, uint64_t *seed) {
    char digits[32];
    uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    int len = snprintf(digits, sizeof digits, "%" PRIu64, size);
    int zeros = (int)random_below(seed, 40);
    int point = 1 + (int)random_below(seed, (size_t)len);
    if (v < 0) buf_put_char(into, '-');
    buf_printf(into, "%.*s.%s%.*se%d", point, digits, digits + point, zeros + 1,
               "0000000000000000000000000000000000000000000", len - point);
}

static void any_whole_number_survives_any_spelling(void **state) {
    (void)state;
    uint64_t seed = 42;
    struct buf text;
    buf_init(&text, 4096);
    for (int round = 0; round < 100000; round++) {
        int64_t v = (int64_t)(random_next(&seed) >> random_below(&seed, 64));
        buf_reset(&text);
        put_shifted(&text, v, &seed);
        assert_int64(buf_text(&text), NUMBER_OK, v);
        bool fits = v >= INT32_MIN && v <= INT32_MAX;
        assert_int32(buf_text(&text), fits ? NUMBER_OK : NUMBER_OUT_OF_RANGE,
                     fits ? (int32_t)v : 0);
    }
    buf_free(&text);
}

static void what_is_no_number_says_what_it_is(void **state) {
    (void)state;
    for (enum json_type type = JSON_OBJECT; type <= JSON_NON_FINITE; type++) {
        struct json_node node = {.start = 1, .end = 3, .next = 1, .type = (uint8_t)type};
        struct json_value value = {.text = "\"42\"", .nodes = &node, .count = 1};
        enum number_result due = type == JSON_NON_FINITE ? NUMBER_NON_FINITE : NUMBER_WRONG_TYPE;
        double real;
        int64_t wide;
        int32_t narrow;
        if (type == JSON_NUMBER) continue;
        assert_int_equal(number_double(&value, 0, &real), due);
        assert_int_equal(number_int64(&value, 0, &wide), due);
        assert_int_equal(number_int32(&value, 0, &narrow), due);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_are_what_arithmetic_says),
        cmocka_unit_test(what_rounds_to_infinity_is_out_of_range),
        cmocka_unit_test(hard_doubles_are_the_nearest),
        cmocka_unit_test(every_power_of_ten_is_the_nearest),
        cmocka_unit_test(a_thousand_digits_are_no_harder),
        cmocka_unit_test(a_million_random_doubles_are_the_nearest),
        cmocka_unit_test(whole_numbers_are_whole_however_they_are_written),
        cmocka_unit_test(zero_is_zero_whatever_its_exponent),
        cmocka_unit_test(fractions_are_not_whole),
        cmocka_unit_test(integers_end_where_their_type_ends),
        cmocka_unit_test(hundreds_of_digits_are_read_to_the_end),
        cmocka_unit_test(any_whole_number_survives_any_spelling),
        cmocka_unit_test(what_is_no_number_says_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
