/* A text that is a number is strtod's double to the bit, and the integer that its digits say. */
#include "fuzz.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

#include "json/decimal.h"
#include "json/lexical.h"
#include "json/number.h"

enum {
    TEXT_MAX = 2000
};

/* ---- the grammar, the slow way -------------------------------------------------------------- */

static const char *skip_digits(const char *p) {
    while (isdigit((unsigned char)*p)) p++;
    return p;
}

/* RFC 8259 section 6. text ends with a NUL. */
static bool looks_like_number(const char *text) {
    const char *p = text + (*text == '-');
    const char *whole = p;
    p = skip_digits(p);
    if (p == whole || (*whole == '0' && p > whole + 1)) return false;
    if (*p == '.') {
        const char *part = p + 1;
        p = skip_digits(part);
        if (p == part) return false;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        const char *power = p;
        p = skip_digits(p);
        if (p == power) return false;
    }
    return *p == '\0';
}

/* ---- integers, the slow way ------------------------------------------------------------------ */

/* The digits of a number without its point, and how many of them stand before it. */
struct digits {
    char text[TEXT_MAX + 1];
    size_t len;
    long before;
};

static void split(const char *text, struct digits *digits) {
    const char *p = text + (*text == '-');
    bool point = false;
    *digits = (struct digits){.len = 0};
    for (; *p && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        digits->text[digits->len++] = *p;
        digits->before += !point;
    }
    if (!*p) return;
    errno = 0;
    long power = strtol(p + 1, NULL, 10);
    if (power > INT32_MAX) power = INT32_MAX; /* strtol gives LONG_MAX for more than that */
    if (power < INT32_MIN) power = INT32_MIN;
    digits->before += power;
}

/* What the digits say. */
struct whole {
    uint64_t size;
    bool negative;
    bool fraction;  /* a digit behind the point is not zero */
    bool too_large; /* does not fit 64 bits */
};

static struct whole slow_whole(const char *text) {
    struct digits digits;
    struct whole whole = {.negative = *text == '-'};
    split(text, &digits);
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t digit = (uint64_t)(digits.text[i] - '0');
        if ((long)i >= digits.before) {
            whole.fraction |= digit != 0;
            continue;
        }
        whole.too_large |= __builtin_mul_overflow(whole.size, UINT64_C(10), &whole.size) ||
                           __builtin_add_overflow(whole.size, digit, &whole.size);
    }
    for (long i = (long)digits.len; i < digits.before && whole.size && !whole.too_large; i++) {
        whole.too_large = __builtin_mul_overflow(whole.size, UINT64_C(10), &whole.size);
    }
    whole.too_large |= whole.size > (uint64_t)INT64_MAX + whole.negative;
    return whole;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void compare_double(const struct json_value *value, const char *text) {
    double seen = 0;
    double due = strtod(text, NULL);
    enum number_result result = number_double(value, 0, &seen);
    fuzz_require(result == (isinf(due) ? NUMBER_OUT_OF_RANGE : NUMBER_OK));
    fuzz_require(result != NUMBER_OK || fuzz_bits(seen) == fuzz_bits(due));
}

/* A number that is too large and has a fraction may be refused for either. */
static bool is_right(enum number_result result, const struct whole *due) {
    if (!due->fraction && !due->too_large) return result == NUMBER_OK;
    return (due->fraction && result == NUMBER_WRONG_TYPE) ||
           (due->too_large && result == NUMBER_OUT_OF_RANGE);
}

static void compare_integers(const struct json_value *value, const char *text) {
    int64_t seen = 0;
    int32_t small = 0;
    struct whole due = slow_whole(text);
    enum number_result result = number_int64(value, 0, &seen);
    fuzz_require(is_right(result, &due));
    fuzz_require(result != NUMBER_OK ||
                 (uint64_t)seen == (due.negative ? UINT64_C(0) - due.size : due.size));
    bool fits = result == NUMBER_OK && seen >= INT32_MIN && seen <= INT32_MAX;
    enum number_result due_small = result == NUMBER_OK && !fits ? NUMBER_OUT_OF_RANGE : result;
    fuzz_require(number_int32(value, 0, &small) == due_small);
    fuzz_require(!fits || small == seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char behind[] = ",]} \n";
    if (size == 0 || size > TEXT_MAX || memchr(data, '\0', size)) return 0;
    /* With the byte that may follow a number, and nothing behind it. */
    char *text = malloc(size + 1);
    char *closed = strndup((const char *)data, size);
    fuzz_require(text && closed);
    memcpy(text, data, size);
    text[size] = behind[data[size - 1] % (sizeof behind - 1)];
    bool is_number = lexical_is_number(text, size, text + size);
    fuzz_require(is_number == looks_like_number(closed));
    if (is_number) {
        const struct json_node node = {.end = (uint32_t)size, .next = 1, .type = JSON_NUMBER};
        const struct json_value value = {.text = text, .nodes = &node, .count = 1};
        compare_double(&value, closed);
        compare_integers(&value, closed);
    }
    free(text);
    free(closed);
    return 0;
}
