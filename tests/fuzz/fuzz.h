/*
 * What the harnesses share. Each is a program with libFuzzer's main(): it calls
 * LLVMFuzzerTestOneInput with bytes that reach ever more of the code, and a harness aborts where a
 * promise of the code does not hold. Include this before the headers of tests/unit, whose
 * assertions then abort, too.
 */
#ifndef PGCOCO_TESTS_FUZZ_FUZZ_H
#define PGCOCO_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/random.h"
#include "coco/skip.h"
#include "json/tokens.h"
#include "json/utf8.h"

/* Returns 0. data has exactly `size` bytes, which belong to libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- assertions --------------------------------------------------------------------------- */

/* libFuzzer keeps the input of a process that aborts. */
static inline void fuzz_fail(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}

#define fuzz_require(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

/* Those of cmocka that tests/unit/source.h, rendering.h and drawing.h use. */
#define assert_true(condition) fuzz_require(condition)
#define assert_false(condition) fuzz_require(!(condition))
#define assert_int_equal(a, b) fuzz_require((a) == (b))
#define assert_ptr_equal(a, b) fuzz_require((a) == (b))
#define assert_memory_equal(a, b, len) fuzz_require(memcmp(a, b, len) == 0)

/* To compare doubles to the bit. */
static inline uint64_t fuzz_bits(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* ---- inputs ------------------------------------------------------------------------------- */

/* A seed for random_next() that the input decides, so that a failure can be repeated: FNV-1a. */
static inline uint64_t fuzz_seed(const uint8_t *data, size_t size) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
    return hash | 1;
}

/* The default limits, but for a window that costs less to make. */
static inline struct json_limits fuzz_limits(void) {
    struct json_limits limits = json_default_limits;
    limits.window = 4096;
    return limits;
}

/* Takes numbers from the front of an input; zeros when it is used up. */
struct fuzz_input {
    const uint8_t *data;
    size_t size;
};

static inline uint8_t fuzz_take(struct fuzz_input *input) {
    if (input->size == 0) return 0;
    input->size--;
    return *input->data++;
}

static inline int fuzz_take_int16(struct fuzz_input *input) {
    unsigned high = fuzz_take(input);
    return (int16_t)(uint16_t)(high << 8 | fuzz_take(input));
}

/* ---- what holds for every row that is left out ---------------------------------------------- */

/* The detail goes into JSON, pages and terminals. */
static inline void fuzz_require_skip(const struct skip *skip) {
    struct utf8 utf8 = {0};
    size_t len = strnlen(skip->detail, sizeof skip->detail);
    fuzz_require((unsigned)skip->reason < SKIP_REASONS);
    fuzz_require(len > 0 && len < sizeof skip->detail);
    fuzz_require(utf8_check(&utf8, skip->detail, len) == len && utf8.missing == 0);
    for (size_t i = 0; i < len; i++) {
        fuzz_require((unsigned char)skip->detail[i] >= 0x20 && skip->detail[i] != 0x7f);
    }
}

#endif
