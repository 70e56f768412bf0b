/* A tar file is read back member by member; names and sizes of any length survive. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "export/tar.h"

enum {
    BLOCK = 512,
    LONGEST = 1200
};

static bool keep(void *self, const char *bytes, size_t len, struct err *err) {
    struct buf *buf = self;
    buf_put(buf, bytes, len);
    return !buf->failed || err_set(err, ERR_INTERNAL, "too much");
}

struct written {
    struct buf bytes;
    struct sink sink;
    struct tar tar;
};

static void begin(struct written *written) {
    buf_init(&written->bytes, 1 << 20);
    written->sink = (struct sink){.put = keep, .self = &written->bytes};
    tar_open(&written->tar, &written->sink, 1700000000);
}

static uint64_t octal(const char *header, size_t at) {
    return strtoull(header + at, NULL, 8);
}

static void assert_checksum(const char *header) {
    unsigned sum = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)header[i];
    }
    assert_int_equal(octal(header, 148), sum);
    assert_memory_equal(header + 257,
                        "ustar\0"
                        "00",
                        8);
}

/* Returns the value of a record of an extended header; NULL if it is not there. Each record says
 * its own length. */
static const char *record(const char *records, size_t len, const char *key, size_t *value_len) {
    const char *end = records + len;
    while (records < end) {
        char *rest;
        size_t size = strtoul(records, &rest, 10);
        assert_true(size <= (size_t)(end - records) && *rest == ' ');
        assert_int_equal(records[size - 1], '\n');
        size_t key_len = strlen(key);
        const char *value = rest + 1 + key_len + 1;
        if (strncmp(rest + 1, key, key_len) == 0 && rest[1 + key_len] == '=') {
            *value_len = (size_t)(records + size - 1 - value);
            return value;
        }
        records += size;
    }
    return NULL;
}

static void assert_name(const char *tar, const char *name, size_t len) {
    const char *found = tar;
    size_t found_len = strnlen(tar, 100);
    assert_checksum(tar);
    if (tar[156] == 'x') {
        found = record(tar + BLOCK, octal(tar, 124), "path", &found_len);
        assert_non_null(found);
    }
    assert_int_equal(found_len, len);
    assert_memory_equal(found, name, len);
}

static void a_name_of_any_length_is_read_back(void **state) {
    (void)state;
    struct err err;
    char name[LONGEST];
    memset(name, 'n', sizeof name);
    for (size_t len = 1; len <= LONGEST; len++) {
        struct written written;
        begin(&written);
        assert_true(tar_begin(&written.tar, (struct slice){name, len}, 3, &err));
        assert_true(tar_put(&written.tar, (struct slice){"abc", 3}, &err));
        assert_true(tar_finish(&written.tar, &err));
        assert_int_equal(written.bytes.len % BLOCK, 0);
        assert_name(buf_text(&written.bytes), name, len);
        assert_memory_equal(buf_text(&written.bytes) + written.bytes.len - 3 * BLOCK, "abc", 4);
        buf_free(&written.bytes);
    }
}

static void a_name_that_is_not_ascii_has_an_extended_header(void **state) {
    (void)state;
    static const char name[] = "labels/tr\xc3\xa8s.txt";
    struct err err;
    struct written written;
    begin(&written);
    assert_true(tar_begin(&written.tar, (struct slice){name, strlen(name)}, 0, &err));
    assert_int_equal(buf_text(&written.bytes)[156], 'x');
    assert_name(buf_text(&written.bytes), name, strlen(name));
    buf_free(&written.bytes);
}

static void a_size_that_eleven_digits_do_not_hold_is_in_the_extended_header(void **state) {
    (void)state;
    struct err err;
    for (uint64_t size = UINT64_C(077777777776); size <= UINT64_C(0100000000001); size++) {
        struct written written;
        begin(&written);
        assert_true(tar_begin(&written.tar, (struct slice){"a", 1}, size, &err));
        const char *tar = buf_text(&written.bytes);
        size_t len = 0;
        if (size <= UINT64_C(077777777777)) {
            assert_int_equal(tar[156], '0');
            assert_true(octal(tar, 124) == size);
        } else {
            const char *value = record(tar + BLOCK, octal(tar, 124), "size", &len);
            assert_non_null(value);
            assert_true(strtoull(value, NULL, 10) == size);
        }
        buf_free(&written.bytes);
    }
}

static void a_file_of_another_size_than_was_said_is_refused(void **state) {
    (void)state;
    struct err err;
    struct written written;
    begin(&written);
    assert_true(tar_begin(&written.tar, (struct slice){"a", 1}, 3, &err));
    assert_true(tar_put(&written.tar, (struct slice){"ab", 2}, &err));
    assert_false(tar_begin(&written.tar, (struct slice){"b", 1}, 3, &err));
    assert_false(tar_finish(&written.tar, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
    assert_false(tar_put(&written.tar, (struct slice){"cd", 2}, &err));
    buf_free(&written.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_of_any_length_is_read_back),
        cmocka_unit_test(a_name_that_is_not_ascii_has_an_extended_header),
        cmocka_unit_test(a_size_that_eleven_digits_do_not_hold_is_in_the_extended_header),
        cmocka_unit_test(a_file_of_another_size_than_was_said_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
