/* Addresses of pictures, made of the file names of strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/picture_address.h"

enum {
    ROOM = 4096
};

static void expect_path(const char *size, const char *directory, const char *name,
                        const char *expected) {
    struct buf path;
    buf_init(&path, ROOM);
    picture_path(size, directory, name, &path);
    assert_string_equal(buf_text(&path), expected);
    buf_free(&path);
}

static void expect_url(const char *pattern, const char *name, const char *expected) {
    struct buf url;
    buf_init(&url, ROOM);
    picture_url(pattern, name, &url);
    assert_string_equal(buf_text(&url), expected);
    buf_free(&url);
}

static void a_path_names_a_size_and_a_file(void **state) {
    (void)state;
    expect_path("", "val", "a.jpg", "/_pictures/file/val/a.jpg");
    expect_path("small", "val", "b/a.jpg", "/_pictures/small/val/b/a.jpg");
    expect_path("large", "a/b", "A.JPEG", "/_pictures/large/a/b/A.JPEG");
    expect_path("medium", ".", "a.webp", "/_pictures/medium/a.webp");
}

static void what_has_no_thumbnails_is_the_file_itself(void **state) {
    (void)state;
    expect_path("small", "val", "a.tif", "/_pictures/file/val/a.tif");
    expect_path("small", "val", "a.png.bmp", "/_pictures/file/val/a.png.bmp");
    expect_path("small", "val", "png", "/_pictures/file/val/png");
}

static void a_path_has_no_segments_without_meaning(void **state) {
    (void)state;
    expect_path("", "./a//b/", "./c/./d.png", "/_pictures/file/a/b/c/d.png");
    expect_path("", "...", ".../.d.png", "/_pictures/file/.../.../.d.png");
}

/* Also of what is no UTF-8: addresses have bytes. */
static void every_byte_that_could_mean_something_is_encoded(void **state) {
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789-._~";
        char name[] = {'x', (char)byte, '\0'};
        char expected[64];
        if (byte == '/') continue;
        if (strchr(plain, byte)) {
            snprintf(expected, sizeof expected, "/_pictures/file/d/%s", name);
        } else {
            snprintf(expected, sizeof expected, "/_pictures/file/d/x%%%02X", (unsigned)byte);
        }
        expect_path("", "d", name, expected);
    }
}

static void an_address_has_the_name_in_its_place(void **state) {
    (void)state;
    expect_url("https://a.example/{file_name}", "b/c d.jpg", "https://a.example/b/c%20d.jpg");
    expect_url("https://a.example/{file_name}?w=1", "b/c", "https://a.example/b/c?w=1");
    expect_url("https://a.example/?f={file_name}", "b/c", "https://a.example/?f=b%2Fc");
    expect_url("https://a.example/{file_name}.jpg", "{file_name}",
               "https://a.example/%7Bfile_name%7D.jpg");
}

static void an_address_that_is_too_long_fails(void **state) {
    (void)state;
    struct buf url;
    buf_init(&url, 8);
    picture_url("https://a.example/{file_name}", "a", &url);
    assert_true(url.failed);
    buf_free(&url);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_names_a_size_and_a_file),
        cmocka_unit_test(what_has_no_thumbnails_is_the_file_itself),
        cmocka_unit_test(a_path_has_no_segments_without_meaning),
        cmocka_unit_test(every_byte_that_could_mean_something_is_encoded),
        cmocka_unit_test(an_address_has_the_name_in_its_place),
        cmocka_unit_test(an_address_that_is_too_long_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
