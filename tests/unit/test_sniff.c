/* What is not JSON is recognized by its first bytes, however few there are. JSON is left alone. */
#include "json/sniff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    const char *bytes;
    size_t len;
    const char *words; /* NULL: nothing is recognized */
};

#define SAMPLE(bytes, words) \
    { bytes, sizeof(bytes) - 1, words }

/* Judges a copy of exactly these bytes, so that a sanitizer notices a read beyond them. */
static const char *judge(const char *(*sniff)(const char *bytes, size_t len), const char *bytes,
                         size_t len) {
    char *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    const char *says = sniff(copy, len);
    free(copy);
    return says;
}

static void assert_judged(const char *(*sniff)(const char *bytes, size_t len),
                          const struct sample *samples, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *says = judge(sniff, samples[i].bytes, samples[i].len);
        bool good = samples[i].words ? says && strstr(says, samples[i].words) : says == NULL;
        if (!good) fail_msg("%s: %s", samples[i].bytes, says ? says : "nothing");
        for (size_t len = 0; len < samples[i].len; len++) judge(sniff, samples[i].bytes, len);
    }
}

static void files_are_recognized(void **state) {
    (void)state;
    static const struct sample samples[] = {
        SAMPLE("PK\3\4\24\0", "zip"),
        SAMPLE("PK\5\6", "zip"),
        SAMPLE("PK", NULL),
        SAMPLE("\xfd"
               "7zXZ\0\0",
               "xz"),
        SAMPLE("BZh91AY", "bzip2"),
        SAMPLE("\x04\x22\x4d\x18", "lz4"),
        SAMPLE("\x1f\x9d\x90", "compress"),
        SAMPLE("7z\xbc\xaf\x27\x1c", "7z"),
        SAMPLE("Rar!\x1a\x07", "rar"),
        SAMPLE("version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        SAMPLE("\x89PNG\r\n", "image"),
        SAMPLE("\xff\xd8\xff\xe0", "image"),
        SAMPLE("GIF89a", "image"),
        SAMPLE("%PDF-1.7", "PDF"),
        SAMPLE("{\\rtf1\\ansi", "RTF"),
        SAMPLE("\x80\4\x95", "pickle"),
        SAMPLE("\x93NUMPY\1", "NumPy"),
        SAMPLE("PAR1\x15", "Parquet"),
        SAMPLE("\x89HDF\r\n", "HDF5"),
        SAMPLE("SQLite format 3\0", "SQLite"),
        SAMPLE("\xff\xfe[\0]\0", "UTF-16"),
        SAMPLE("\xfe\xff\0[", "UTF-16"),
        SAMPLE("\0[\0]", "UTF-16"),
        SAMPLE("[\0]\0", "UTF-16"),
        SAMPLE(" \n<!doctype HTML>", "HTML"),
        SAMPLE("\xef\xbb\xbf<?xml", "XML"),
        SAMPLE("<annotation verified=", "XML"),
        SAMPLE("%5B%7B", "urlencoded"),
        SAMPLE("https://", "address"),
        SAMPLE("@out.json", "name of a file"),
        SAMPLE("W3siaW1h", "base64"),
        SAMPLE("--x\r\nContent-Disposition: form-data; name=\"file\"", "multipart"),
        SAMPLE("--x\r\n", NULL),
        SAMPLE("a,b,c", "CSV"),
        SAMPLE("a;b;c\r\n1;2;3", "CSV"),
        SAMPLE("1\t2\t3\n[", "CSV"),
        SAMPLE("a,b", NULL),
        SAMPLE("1 0.5 0.5 1e-1 -.25\n", "columns"),
        SAMPLE("1 2 3", NULL),
        SAMPLE("one two three four five six", NULL),
    };
    assert_judged(sniff_file, samples, sizeof samples / sizeof *samples);
}

static void a_tar_archive_is_recognized_whatever_its_first_file_is_called(void **state) {
    (void)state;
    char block[SNIFF_HEAD] = "2017.json";
    memcpy(block + 257, "ustar", 5);
    assert_non_null(strstr(sniff_file(block, sizeof block), "tar"));
    for (size_t len = 0; len < sizeof block; len++) judge(sniff_file, block, len);
}

static void json_is_not_recognized_as_anything(void **state) {
    (void)state;
    static const struct sample samples[] = {
        SAMPLE("", NULL),
        SAMPLE("[]", NULL),
        SAMPLE(" \r\n[{\"a\": [1,2,3]}, 4, 5]", NULL),
        SAMPLE("\xef\xbb\xbf[1, 2, 3]", NULL),
        SAMPLE("{\"a\": \"<html>, b, c\"}", NULL),
        SAMPLE("{\n\"a\": 1, \"b\": 2, \"c\": 3}", NULL),
        SAMPLE("17", NULL),
        SAMPLE("\"text\"", NULL),
        SAMPLE("null", NULL),
        SAMPLE("-1.5e3", NULL),
        SAMPLE("hello", NULL),
    };
    assert_judged(sniff_file, samples, sizeof samples / sizeof *samples);
}

static void what_python_prints_is_recognized_where_it_stands(void **state) {
    (void)state;
    static const struct sample samples[] = {
        SAMPLE("'image_id': 1", "json.dump()"),
        SAMPLE("None}", "None"),
        SAMPLE("True]", "True"),
        SAMPLE("False", "False"),
        SAMPLE("(1, 2)", "tuple"),
        SAMPLE("b'abc'", "bytes"),
        SAMPLE("b\"abc\"", "bytes"),
        SAMPLE("u'abc'", "Python 2"),
        SAMPLE("array([1])", "tolist()"),
        SAMPLE("np.float32(1)", "item()"),
        SAMPLE("tensor(1)", "PyTorch"),
        SAMPLE("nan,", "nan"),
        SAMPLE("-inf,", "inf"),
        SAMPLE("undefined", "null"),
        SAMPLE("...]", "left out"),
        SAMPLE("// x", "comment"),
        SAMPLE("/* x */", "comment"),
        SAMPLE("# x", "comment"),
        SAMPLE("]", NULL),
        SAMPLE("tru", NULL),
        SAMPLE("nul", NULL),
        SAMPLE("", NULL),
    };
    assert_judged(sniff_place, samples, sizeof samples / sizeof *samples);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_recognized),
        cmocka_unit_test(a_tar_archive_is_recognized_whatever_its_first_file_is_called),
        cmocka_unit_test(json_is_not_recognized_as_anything),
        cmocka_unit_test(what_python_prints_is_recognized_where_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
