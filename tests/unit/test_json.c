/*
 * JSON through the sliding window. Neither the size of the window nor the size of the reads may
 * change the values, or the error of a broken body.
 */
#include <stdio.h>

#include "rendering.h"

#define TEXT(literal) literal, sizeof(literal) - 1

enum {
    NO_INDEX = -1
};

static struct json_limits limits_with_window(size_t window) {
    struct json_limits limits = json_default_limits;
    limits.window = window;
    return limits;
}

/* ---- valid documents ------------------------------------------------------------------------ */

static const char results_file[] =
    "[{\"image_id\":42,\"category_id\":18,\"bbox\":[258.15,41.29,348.26,243.78],\"score\":0.236},\n"
    " {\"image_id\":73,\"category_id\":11,\"bbox\":[61,22.75,504,609.67],\"score\":0.318}]";

static const char ground_truth[] =
    "{\"info\":{\"year\":2017,\"version\":\"1.0\"},\"images\":[{\"id\":397133,\"file_name\":"
    "\"000000397133.jpg\"},{\"id\":37777}],\n\t\"annotations\" : [ "
    "{\"id\":1,\"segmentation\":[[510.66,"
    "423.01,511.72]],\"iscrowd\":0} , "
    "{\"id\":2,\"segmentation\":{\"counts\":[272,2,4],\"size\":[640,"
    "480]}} ],\"licenses\":[],\"categories\":[{\"id\":18,\"name\":\"dog \\\"rex\\\"\"}]}";

static const char *const documents[] = {
    "[]",
    " [ ] \n",
    "{}",
    "\t{\r\n}",
    "0",
    "-0.5e-7",
    " \"x\" ",
    "null",
    "true\n",
    "[1]",
    "[1,2.5,-3e10,0.0,1E+2,-0]",
    "[true,false,null]",
    "[NaN,-Infinity,Infinity]",
    "[[NaN],{\"a\":-Infinity}, [ Infinity , NaN ] ]",
    "{\"a\":NaN,\"b\":Infinity , \"c\" : -Infinity\n}",
    "[\"\",\"a\",\"\\\"\",\"\\\\\",\"\\/\\b\\f\\n\\r\\t\",\"\\u00e9\\uD834\\udd1e\\u0000\"]",
    "[\"caf\303\251\",\"\342\202\254\",\"\360\235\204\236\",\"\364\217\277\277\",\"\177\"]",
    "[ [ ] , { } , [ [ ] , [ ] ] , { \"\" : { } } ]",
    "[\"]\",\"}\",\"[{,:\",\"\\\\\",{\"}\":\"{\"}]",
    "{\"a\":1,\"a\":2,\"\":3,\"\\u0061\":4}",
    results_file,
    ground_truth,
};

enum {
    DOCUMENTS = sizeof documents / sizeof *documents
};

/* Removes the white space between tokens: what rendering must give. */
static void strip(const char *text, size_t len, struct buf *into) {
    bool inside = false;
    for (size_t i = 0; i < len; i++) {
        if (!inside && strchr(" \t\r\n", text[i])) continue;
        buf_put_char(into, text[i]);
        if (text[i] == '"') inside = !inside;
        if (inside && text[i] == '\\') buf_put_char(into, text[++i]);
    }
}

static void assert_renders(const char *text, size_t len, const struct json_limits *limits,
                           enum way way, size_t first, size_t chunk, const struct buf *due) {
    struct source source;
    struct buf seen;
    struct err err = {0};
    source_init(&source, text, len, first, chunk);
    buf_init(&seen, SIZE_MAX / 2);
    bool done = render_source(&source, limits, way, &seen, &err);
    assert_string_equal(err.message, "");
    assert_true(done);
    assert_int_equal(seen.len, due->len);
    assert_memory_equal(seen.data, due->data, due->len);
    buf_free(&seen);
}

static void a_document_reads_the_same_through_any_window_and_in_any_pieces(void **state) {
    (void)state;
    for (size_t d = 0; d < DOCUMENTS; d++) {
        size_t len = strlen(documents[d]);
        struct buf due;
        buf_init(&due, SIZE_MAX / 2);
        strip(documents[d], len, &due);
        for (size_t window = 1; window <= 66; window++) {
            /* 65: the exact size of the body, so that a sanitizer sees reads past it */
            size_t size = window == 65 ? len : window == 66 ? 4096 : window;
            struct json_limits limits = limits_with_window(size);
            for (size_t chunk = 1; chunk <= len && chunk <= 70; chunk++) {
                for (enum way way = WALK_ALL; way <= WHOLE; way++) {
                    assert_renders(documents[d], len, &limits, way, chunk, chunk, &due);
                }
            }
        }
        buf_free(&due);
    }
}

static void a_byte_order_mark_is_passed_over(void **state) {
    (void)state;
    static const char *const texts[] = {"[1, 2]", " {\"a\": [1]}", "7"};
    for (size_t t = 0; t < 3; t++) {
        char marked[40];
        struct buf due;
        size_t len = (size_t)snprintf(marked, sizeof marked, "\357\273\277%s", texts[t]);
        buf_init(&due, SIZE_MAX / 2);
        strip(texts[t], strlen(texts[t]), &due);
        for (size_t chunk = 1; chunk <= len; chunk++) {
            struct json_limits limits = limits_with_window(chunk);
            for (enum way way = WALK_ALL; way <= WHOLE; way++) {
                assert_renders(marked, len, &limits, way, chunk, chunk, &due);
            }
        }
        buf_free(&due);
    }
}

static void a_document_may_be_cut_in_two_anywhere(void **state) {
    (void)state;
    for (size_t d = 0; d < DOCUMENTS; d++) {
        size_t len = strlen(documents[d]);
        struct buf due;
        buf_init(&due, SIZE_MAX / 2);
        strip(documents[d], len, &due);
        for (size_t cut = 1; cut <= len; cut++) {
            for (enum way way = WALK_ALL; way <= WHOLE; way++) {
                assert_renders(documents[d], len, &json_default_limits, way, cut, len, &due);
            }
        }
        buf_free(&due);
    }
}

/* Appends an element of about this many bytes, of one of several kinds. */
static void put_element(struct buf *into, unsigned kind, size_t size) {
    size_t end = into->len + size;
    if (kind == 0) {
        buf_put_text(into, "{\"segmentation\":[[1.5");
        while (into->len + 7 < end) buf_printf(into, ", %d.25", (int)(into->len % 90 + 10));
        buf_put_text(into, "]],\"s\":NaN}");
    } else if (kind == 1) {
        buf_put_char(into, '"');
        while (into->len + 1 < end) buf_put_text(into, into->len % 5 ? "x" : "\303\251\\\"");
        buf_put_char(into, '"');
    } else if (kind == 2) { /* mostly of one shape */
        buf_printf(into, "{\"id\": %zu, \"s\": %s.5, \"text\": \"", size, size % 40 ? "0" : "-1");
        while (into->len + 2 < end) buf_put_char(into, 'x');
        buf_put_text(into, size % 50 ? "\"}" : "\" }");
    } else {
        while (into->len < end) buf_put_char(into, '7');
    }
}

static void elements_may_end_anywhere_in_a_large_body(void **state) {
    (void)state;
    static const size_t windows[] = {1, 4096, 65536, 262144, 16777216};
    static const size_t chunks[] = {1, 4095, 65536, 16777216};
    uint64_t seed = 3;
    struct buf body;
    struct buf due;
    buf_init(&body, SIZE_MAX / 2);
    buf_init(&due, SIZE_MAX / 2);
    buf_put_char(&body, '[');
    for (size_t i = 0; body.len < 1500000; i++) {
        if (i > 0) buf_put_text(&body, i % 3 ? "," : " ,\n");
        /* sometimes close to the size of a slice */
        size_t size = i % 500 ? random_below(&seed, 200) : 65500 + random_below(&seed, 80);
        /* mixed kinds, and hundreds of one kind */
        unsigned kind = (unsigned)(i / 400 % 2 ? 2 : i % 4);
        put_element(&body, kind, i % 1700 == 1699 ? 200000 : size + 1);
    }
    buf_put_char(&body, ']');
    strip(body.data, body.len, &due);
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        struct json_limits limits = limits_with_window(windows[w]);
        for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
            assert_renders(body.data, body.len, &limits, WALK_ALL, chunks[c], chunks[c], &due);
            assert_renders(body.data, body.len, &limits, WHOLE, chunks[c], chunks[c], &due);
        }
    }
    buf_free(&body);
    buf_free(&due);
}

static void the_window_grows_for_one_element_and_shrinks_again(void **state) {
    (void)state;
    struct json_limits limits = limits_with_window(256);
    struct document document;
    struct source source;
    struct json_value value;
    struct buf body;
    struct err err;
    bool more = true;
    size_t greatest = 0;
    buf_init(&body, SIZE_MAX / 2);
    buf_put_char(&body, '[');
    put_element(&body, 1, 10000);
    for (int i = 0; i < 1000; i++) buf_put_text(&body, ",{\"id\":1}");
    buf_put_char(&body, ']');
    source_init(&source, body.data, body.len, 100, 100);
    assert_true(document_open(&document, &source.reader, &limits, &err));
    assert_true(document_enter_array(&document, &err));
    while (more) {
        assert_true(document_next_element(&document, &value, &more, &err));
        if (document.window.cap > greatest) greatest = document.window.cap;
    }
    assert_in_range(greatest, 10000, 40000);
    assert_int_equal(document.window.cap, 256);
    document_close(&document);
    buf_free(&body);
}

/* ---- broken documents ------------------------------------------------------------------------ */

/* Finds line and column of a byte by definition: every byte but a continuation byte starts a
 * character. A byte order mark does not count. */
static struct text_place place_in(const char *body, uint64_t offset) {
    struct text_place place = text_place_first();
    for (uint64_t i = strncmp(body, "\xef\xbb\xbf", 3) == 0 && offset >= 3 ? 3 : 0; i < offset;
         i++) {
        if (body[i] == '\n') {
            place = (struct text_place){place.line + 1, 1};
        } else if (((unsigned char)body[i] & 0xc0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

/* Checks that the error of a body does not depend on the window or the reads. */
static void assert_refused(const char *body, size_t len, struct json_limits limits, enum way way,
                           enum err_code code, uint64_t offset, int index) {
    static const size_t windows[] = {1, 2, 3, 7, 64, 4096, 262144};
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        limits.window = windows[w] < limits.max_element ? windows[w] : limits.max_element;
        for (size_t chunk = 1; chunk <= len + 1; chunk += chunk < 70 ? 1 : len / 3) {
            struct source source;
            struct buf seen;
            struct err err = {0};
            source_init(&source, body, len, chunk, chunk);
            buf_init(&seen, SIZE_MAX / 2);
            assert_false(render_source(&source, &limits, way, &seen, &err));
            assert_string_equal(err_slug(err.code), err_slug(code));
            assert_true(err.has_offset);
            assert_int_equal(err.offset, offset);
            assert_true(err.has_place);
            assert_int_equal(err.place.line, place_in(body, offset).line);
            assert_int_equal(err.place.column, place_in(body, offset).column);
            assert_int_equal(err.has_index ? (int)err.index : NO_INDEX, index);
            assert_true(strlen(err.message) > 0);
            buf_free(&seen);
        }
    }
}

struct broken {
    const char *body;
    enum err_code code;
    unsigned offset;
    int index;
};

static void assert_all_refused(const struct broken *broken, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_refused(broken[i].body, strlen(broken[i].body), json_default_limits, WALK_ALL,
                       broken[i].code, broken[i].offset, broken[i].index);
    }
}

#define ASSERT_ALL_REFUSED(table) assert_all_refused(table, sizeof(table) / sizeof *(table))

static void an_empty_body_is_called_empty(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"\357\273\277", ERR_EMPTY_BODY, 3, NO_INDEX},
        {"", ERR_EMPTY_BODY, 0, NO_INDEX},
        {" \n\t ", ERR_EMPTY_BODY, 4, NO_INDEX},
    };
    ASSERT_ALL_REFUSED(broken);
}

static void a_missing_or_surplus_mark_is_found_where_it_is(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"{\"a\" 1}", ERR_NOT_JSON, 5, NO_INDEX},
        {"[{\"a\" 1}]", ERR_NOT_JSON, 6, 0},
        {"[1 2]", ERR_NOT_JSON, 3, 1},
        {"[{\"a\":1} {\"b\":2}]", ERR_NOT_JSON, 9, 1},
        {"[0,1,{\"a\":1 \"b\":2}]", ERR_NOT_JSON, 12, 2},
        {"[1,]", ERR_NOT_JSON, 3, 1},
        {"[,1]", ERR_NOT_JSON, 1, 0},
        {"[1,,2]", ERR_NOT_JSON, 3, 1},
        {"[[1,]]", ERR_NOT_JSON, 4, 0},
        {"[[,1]]", ERR_NOT_JSON, 2, 0},
        {"{\"a\":1,}", ERR_NOT_JSON, 7, NO_INDEX},
        {"{,}", ERR_NOT_JSON, 1, NO_INDEX},
        {"[{\"a\":1,}]", ERR_NOT_JSON, 8, 0},
        {"{\"a\":1:2}", ERR_NOT_JSON, 5, NO_INDEX}, /* the number is 1:2 */
        {"{\"a\"::1}", ERR_NOT_JSON, 5, NO_INDEX},
        {"[{\"a\"::1}]", ERR_NOT_JSON, 6, 0},
        {"[{\"a\",1}]", ERR_NOT_JSON, 5, 0},
        {"[\"a\":1]", ERR_NOT_JSON, 4, 1},
        {"[[\"a\":1]]", ERR_NOT_JSON, 5, 0},
        {"{\"a\"}", ERR_NOT_JSON, 4, NO_INDEX},
        {"{\"a\":}", ERR_NOT_JSON, 5, NO_INDEX},
        {"{\"a\":[1,2 3],\"b\":1}", ERR_NOT_JSON, 10, 2},
        {"{\"a\":[1] \"b\":1}", ERR_NOT_JSON, 9, NO_INDEX},
    };
    ASSERT_ALL_REFUSED(broken);
}

static void brackets_that_do_not_match_are_found_where_they_are(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"]", ERR_NOT_JSON, 0, NO_INDEX},
        {"}", ERR_NOT_JSON, 0, NO_INDEX},
        {"[}", ERR_NOT_JSON, 1, 0},
        {"{]", ERR_NOT_JSON, 1, NO_INDEX},
        {"[{]", ERR_NOT_JSON, 2, 0},
        {"[[}]", ERR_NOT_JSON, 2, 0},
        {"[1}", ERR_NOT_JSON, 2, 1},
        {"{\"a\":1]", ERR_NOT_JSON, 6, NO_INDEX},
        {"[{\"a\":[1}]}]", ERR_NOT_JSON, 8, 0},
        {"[]]", ERR_NOT_JSON, 2, NO_INDEX},
        {"[1]x", ERR_NOT_JSON, 3, NO_INDEX},
        {"[1] [2]", ERR_NOT_JSON, 4, NO_INDEX},
        {"{}{}", ERR_NOT_JSON, 2, NO_INDEX},
        {"1 2", ERR_NOT_JSON, 2, NO_INDEX},
        {"{\"a\":{}}}", ERR_NOT_JSON, 8, NO_INDEX},
    };
    ASSERT_ALL_REFUSED(broken);
}

static void a_body_that_stops_is_truncated_at_its_end(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"[", ERR_TRUNCATED, 1, 0},
        {"[ ", ERR_TRUNCATED, 2, 0},
        {"[1", ERR_TRUNCATED, 2, 0},
        {"[1,", ERR_TRUNCATED, 3, 1},
        {"[1, 2 ", ERR_TRUNCATED, 6, 1},
        {"[{\"a\": [1, 2", ERR_TRUNCATED, 12, 0},
        {"[0,{\"a\": \"b", ERR_TRUNCATED, 11, 1},
        {"[0,{\"a\": \"b\\", ERR_TRUNCATED, 12, 1},
        {"[0,{\"a\": \"b\\u12", ERR_TRUNCATED, 15, 1},
        {"[\"\303\251", ERR_TRUNCATED, 4, 0},
        {"[\"\303", ERR_TRUNCATED, 3, 0},
        {"{", ERR_TRUNCATED, 1, NO_INDEX},
        {"{\"a", ERR_TRUNCATED, 3, NO_INDEX},
        {"{\"a\"", ERR_TRUNCATED, 4, NO_INDEX},
        {"{\"a\":", ERR_TRUNCATED, 5, NO_INDEX},
        {"{\"a\":1", ERR_TRUNCATED, 6, NO_INDEX},
        {"{\"a\":1,", ERR_TRUNCATED, 7, NO_INDEX},
        {"{\"a\":[1,2,", ERR_TRUNCATED, 10, 2},
        {"{\"a\":[1]", ERR_TRUNCATED, 8, NO_INDEX},
        {"\"", ERR_TRUNCATED, 1, NO_INDEX},
        {"tru", ERR_TRUNCATED, 3, NO_INDEX},
        {"[nul", ERR_TRUNCATED, 4, 0},
        {"[-", ERR_TRUNCATED, 2, 0},
        {"[0.", ERR_TRUNCATED, 3, 0},
        {"[{\"a\":[-1.5e", ERR_TRUNCATED, 12, 0},
        {"[{\"a\":[1,2e-", ERR_TRUNCATED, 12, 0},
    };
    ASSERT_ALL_REFUSED(broken);
}

static void what_was_wrong_before_the_end_comes_before_truncation(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"[{\"a\" 1, \"b", ERR_NOT_JSON, 6, 0},  {"[{\"a\":1,,", ERR_NOT_JSON, 8, 0},
        {"[{\"a\":[1 2", ERR_NOT_JSON, 9, 0},    {"[{\"a\":trx", ERR_NOT_JSON, 6, 0},
        {"[{\"a\":01", ERR_NOT_JSON, 6, 0},      {"[{\"a\":1.2.", ERR_NOT_JSON, 6, 0},
        {"[{\"a\":tru ", ERR_NOT_JSON, 6, 0},    {"[{\"a\":\"\\x", ERR_NOT_JSON, 6, 0},
        {"[{\"a\":\"\\u1x", ERR_NOT_JSON, 6, 0}, {"[{\"a\":Nan", ERR_NOT_JSON, 6, 0},
    };
    ASSERT_ALL_REFUSED(broken);
}

static void words_and_numbers_are_those_of_json(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"[tru]", ERR_NOT_JSON, 1, 0},        {"[True]", ERR_NOT_JSON, 1, 0},
        {"[truee]", ERR_NOT_JSON, 1, 0},      {"[01]", ERR_NOT_JSON, 1, 0},
        {"[-]", ERR_NOT_JSON, 1, 0},          {"[1.]", ERR_NOT_JSON, 1, 0},
        {"[.5]", ERR_NOT_JSON, 1, 0},         {"[+1]", ERR_NOT_JSON, 1, 0},
        {"[1e]", ERR_NOT_JSON, 1, 0},         {"[1e+]", ERR_NOT_JSON, 1, 0},
        {"[-01]", ERR_NOT_JSON, 1, 0},        {"[0x10]", ERR_NOT_JSON, 1, 0},
        {"[1.5.2]", ERR_NOT_JSON, 1, 0},      {"[1-2]", ERR_NOT_JSON, 1, 0},
        {"['a']", ERR_NOT_JSON, 1, 0},        {"[1,{\"a\":00}]", ERR_NOT_JSON, 8, 1},
        {"[1\0132]", ERR_NOT_JSON, 1, 0},     {"[[1,tru\177e]]", ERR_NOT_JSON, 4, 0},
        {"[1,\f2]", ERR_NOT_JSON, 3, 1},      {"[1,\302\2402]", ERR_NOT_JSON, 3, 1},
        {"{1:2}", ERR_NOT_JSON, 1, NO_INDEX}, {"{NaN:1}", ERR_NOT_JSON, 1, NO_INDEX},
        {"[{1:2}]", ERR_NOT_JSON, 2, 0},      {"[{\"a\":1, 2:3}]", ERR_NOT_JSON, 9, 0},
        {"[{NaN:2}]", ERR_NOT_JSON, 2, 0},    {"[{[]:2}]", ERR_NOT_JSON, 2, 0},
        {"[{{}:2}]", ERR_NOT_JSON, 2, 0},
    };
    ASSERT_ALL_REFUSED(broken);
}

static void non_finite_words_are_those_python_writes(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"[NaNx]", ERR_NOT_JSON, 4, 1},        {"[[NaNx]]", ERR_NOT_JSON, 5, 0},
        {"[Nan]", ERR_NOT_JSON, 1, 0},         {"[nan]", ERR_NOT_JSON, 1, 0},
        {"[[1,Nan]]", ERR_NOT_JSON, 4, 0},     {"[Inf]", ERR_NOT_JSON, 1, 0},
        {"[-Inf]", ERR_NOT_JSON, 1, 0},        {"[-NaN]", ERR_NOT_JSON, 1, 0},
        {"[+Infinity]", ERR_NOT_JSON, 1, 0},   {"[-Infinityx]", ERR_NOT_JSON, 1, 0},
        {"[Infinit]", ERR_NOT_JSON, 1, 0},     {"[NaN NaN]", ERR_NOT_JSON, 5, 1},
        {"[[NaN NaN]]", ERR_NOT_JSON, 6, 0},   {"[[NaNNaN]]", ERR_NOT_JSON, 5, 0},
        {"[1NaN]", ERR_NOT_JSON, 1, 0},        {"[[NaN1]]", ERR_NOT_JSON, 5, 0},
        {"[N", ERR_TRUNCATED, 2, 0},           {"[[-Inf", ERR_TRUNCATED, 6, 0},
        {"[[Na", ERR_TRUNCATED, 4, 0},         {"[[Infinity", ERR_TRUNCATED, 10, 0},
        {"[[\"a\":NaN]]", ERR_NOT_JSON, 5, 0},
    };
    ASSERT_ALL_REFUSED(broken);
}

static void strings_hold_no_control_character_and_known_escapes_only(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"[\"a\nb\"]", ERR_NOT_JSON, 3, 0},
        {"[{\"a\tb\":1}]", ERR_NOT_JSON, 4, 0},
        {"[\"0123456789abcdef\0370123456789\"]", ERR_NOT_JSON, 18, 0},
        {"[1,\"\\x\"]", ERR_NOT_JSON, 3, 1},
        {"[1,\"ab\\u12G4\"]", ERR_NOT_JSON, 3, 1},
        {"[1,\"ab\\u12\"]", ERR_NOT_JSON, 3, 1},
    };
    ASSERT_ALL_REFUSED(broken);
}

static void a_byte_that_is_not_utf8_is_named_with_its_element(void **state) {
    (void)state;
    static const struct broken broken[] = {
        {"[\"\377\"]", ERR_NOT_JSON, 2, 0},
        {"[1,2,3,\"\303(\"]", ERR_NOT_JSON, 9, 3},
        {"[1,2,3,\"ab\342\202\",4,5]", ERR_NOT_JSON, 12, 3},
        {"[1,2,3,\"\355\240\200\"]", ERR_NOT_JSON, 9, 3},     /* a surrogate */
        {"[1,2,3,\"\300\200\"]", ERR_NOT_JSON, 8, 3},         /* overlong */
        {"[1,2,3,\"\360\200\200\200\"]", ERR_NOT_JSON, 9, 3}, /* overlong */
        {"[1,2,3,\"\364\220\200\200\"]", ERR_NOT_JSON, 9, 3}, /* above U+10FFFF */
        {"[1,2,3,\"\340\237\277\"]", ERR_NOT_JSON, 9, 3},     /* overlong */
        {"[1,2,3,\"\200\"]", ERR_NOT_JSON, 8, 3},
        {"[1,2,3,\377]", ERR_NOT_JSON, 7, 3},
        {"[1]\377", ERR_NOT_JSON, 3, NO_INDEX},
        {"[1 2,\"\377\"]", ERR_NOT_JSON, 3, 1}, /* the first error is reported */
        {"[{\"a\" 2,\"\377\"}]", ERR_NOT_JSON, 6, 0},
    };
    ASSERT_ALL_REFUSED(broken);
    assert_refused(TEXT("[1,2,\0]"), json_default_limits, WALK_ALL, ERR_NOT_JSON, 5, 2);
    assert_refused(TEXT("[1,2,\"a\0b\"]"), json_default_limits, WALK_ALL, ERR_NOT_JSON, 7, 2);
    assert_refused(TEXT("\0"), json_default_limits, WALK_ALL, ERR_NOT_JSON, 0, NO_INDEX);
    assert_refused(TEXT("[1]\0"), json_default_limits, WALK_ALL, ERR_NOT_JSON, 3, NO_INDEX);
}

static void an_error_of_the_source_comes_with_the_element(void **state) {
    (void)state;
    static const char body[] = "[1,{\"a\":2},{\"b\":";
    for (size_t chunk = 1; chunk < sizeof body; chunk++) {
        struct source source;
        struct buf seen;
        struct err err = {0};
        source_init(&source, body, sizeof body - 1, chunk, chunk);
        source.gone = true;
        buf_init(&seen, SIZE_MAX / 2);
        assert_false(render_source(&source, &json_default_limits, WALK_ALL, &seen, &err));
        assert_int_equal(err.code, ERR_CLIENT_GONE);
        assert_true(err.has_index);
        assert_int_equal(err.index, 2);
        buf_free(&seen);
    }
}

/* ---- limits ---------------------------------------------------------------------------- */

static void put_repeated(struct buf *into, const char *text, size_t times) {
    for (size_t i = 0; i < times; i++) buf_put_text(into, text);
}

/* Appends an array whose second element is nested this deep, with or without closing brackets. */
static void put_nested(struct buf *into, bool objects, unsigned depth, bool closed) {
    buf_put_text(into, "[0,");
    put_repeated(into, objects ? "{\"a\":" : "[", depth);
    if (!closed) return;
    buf_put_char(into, '1');
    put_repeated(into, objects ? "}" : "]", depth);
    buf_put_char(into, ']');
}

static void sixty_four_levels_are_taken_and_no_more(void **state) {
    (void)state;
    for (int objects = 0; objects < 2; objects++) {
        size_t step = objects ? 5 : 1;
        struct buf body;
        struct buf due;
        buf_init(&body, SIZE_MAX / 2);
        buf_init(&due, SIZE_MAX / 2);
        put_nested(&body, objects, 64, true);
        strip(body.data, body.len, &due);
        for (size_t chunk = 1; chunk <= body.len; chunk++) {
            assert_renders(body.data, body.len, &json_default_limits, WALK_ALL, chunk, chunk, &due);
        }
        for (int closed = 0; closed < 2; closed++) {
            buf_reset(&body);
            put_nested(&body, objects, 65, closed);
            assert_refused(body.data, body.len, json_default_limits, WALK_ALL, ERR_TOO_DEEP,
                           3 + 64 * step, 1);
        }
        buf_reset(&body);
        put_nested(&body, objects, 100000, false);
        struct json_limits few_tokens = json_default_limits;
        few_tokens.max_tokens = 1000;
        assert_refused(body.data, body.len, json_default_limits, WALK_ALL, ERR_TOO_DEEP,
                       3 + 64 * step, 1);
        assert_refused(body.data, body.len, few_tokens, WALK_ALL, ERR_TOO_DEEP, 3 + 64 * step, 1);
        buf_free(&body);
        buf_free(&due);
    }
}

static void what_was_wrong_before_it_comes_before_depth(void **state) {
    (void)state;
    struct buf body;
    buf_init(&body, SIZE_MAX / 2);
    for (int closed = 0; closed < 2; closed++) {
        buf_reset(&body);
        buf_put_text(&body, "[{\"a\":1 \"b\":");
        put_repeated(&body, "[", 200);
        if (closed) put_repeated(&body, "]", 200);
        if (closed) buf_put_text(&body, "}]");
        assert_refused(body.data, body.len, json_default_limits, WALK_ALL, ERR_NOT_JSON, 8, 0);
    }
    buf_free(&body);
}

static void an_element_larger_than_allowed_is_refused_where_it_starts(void **state) {
    (void)state;
    struct json_limits limits = json_default_limits;
    limits.max_element = 40;
    for (size_t size = 38; size <= 42; size++) {
        struct buf body;
        struct buf due;
        buf_init(&body, SIZE_MAX / 2);
        buf_init(&due, SIZE_MAX / 2);
        buf_printf(&body, "[ 0, {\"a\":\"%*s\"} , 1]", (int)size - 8, "x");
        strip(body.data, body.len, &due);
        if (size > 40) {
            assert_refused(body.data, body.len, limits, WALK_ALL, ERR_ELEMENT_TOO_LARGE, 5, 1);
        } else {
            for (size_t chunk = 1; chunk <= body.len; chunk++) {
                limits.window = chunk < 40 ? chunk : 40;
                assert_renders(body.data, body.len, &limits, WALK_ALL, chunk, chunk, &due);
                assert_renders(body.data, body.len, &limits, WALK_ALL, 1, 1, &due);
            }
        }
        buf_free(&body);
        buf_free(&due);
    }
}

static void any_amount_of_white_space_is_no_large_element(void **state) {
    (void)state;
    struct json_limits limits = limits_with_window(16);
    limits.max_element = 16;
    struct buf body;
    struct buf due;
    buf_init(&body, SIZE_MAX / 2);
    buf_init(&due, SIZE_MAX / 2);
    buf_printf(&body, "%200s[%200s1%200s,%200s{\"a\":2}%200s]%200s", "", "", "", "", "", "");
    buf_put_text(&due, "[1,{\"a\":2}]");
    for (size_t chunk = 1; chunk <= 300; chunk++) {
        assert_renders(body.data, body.len, &limits, WALK_ALL, chunk, chunk, &due);
    }
    buf_free(&body);
    buf_free(&due);
}

static void an_element_of_more_tokens_than_allowed_is_refused_where_it_starts(void **state) {
    (void)state;
    struct json_limits limits = json_default_limits;
    limits.max_tokens = 8;
    struct buf due;
    buf_init(&due, SIZE_MAX / 2);
    static const char most[] = "[0,[1,2,3,4,5,6,7],[1],[2],[3],[4],[5],[6],{\"a\":[1,2,3,4,5]}]";
    strip(most, sizeof most - 1, &due);
    for (size_t chunk = 1; chunk < sizeof most; chunk++) {
        assert_renders(most, sizeof most - 1, &limits, WALK_ALL, chunk, chunk, &due);
    }
    buf_free(&due);
    assert_refused(TEXT("[0,[1,2,3,4,5,6,7,8]]"), limits, WALK_ALL, ERR_ELEMENT_TOO_LARGE, 3, 1);
    assert_refused(TEXT("[0,1,{\"a\":[1,2,3,4,5,NaN]}]"), limits, WALK_ALL, ERR_ELEMENT_TOO_LARGE,
                   5, 2);
}

/* ---- walking ---------------------------------------------------------------------------- */

struct opened {
    struct source source;
    struct document document;
    struct err err;
};

static void open_text(struct opened *opened, const char *body) {
    memset(&opened->err, 0, sizeof opened->err);
    source_init(&opened->source, body, strlen(body), 1, 1);
    assert_true(document_open(&opened->document, &opened->source.reader, &json_default_limits,
                              &opened->err));
}

static void assert_wrong_shape(const char *body, bool array_due, uint64_t offset,
                               const char *message) {
    struct opened opened;
    open_text(&opened, body);
    assert_false(array_due ? document_enter_array(&opened.document, &opened.err)
                           : document_enter_object(&opened.document, &opened.err));
    assert_int_equal(opened.err.code, ERR_WRONG_SHAPE);
    assert_true(opened.err.has_offset && !opened.err.has_index);
    assert_int_equal(opened.err.offset, offset);
    assert_string_equal(opened.err.message, message);
    document_close(&opened.document);
}

static void an_error_far_into_a_body_names_its_line_and_column(void **state) {
    (void)state;
    struct buf body;
    buf_init(&body, SIZE_MAX / 2);
    /* Lines of many lengths, with characters of one to four bytes, after a byte order mark. */
    buf_put_text(&body, "\xef\xbb\xbf[");
    for (unsigned i = 0; i < 1500; i++) {
        buf_printf(&body, "\"%.*s\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\",%s", (int)(i % 90),
                   "..........................................................................."
                   "...............",
                   i % 3 == 0   ? "\n"
                   : i % 7 == 0 ? " \r\n\n"
                                : " ");
    }
    for (unsigned i = 0; i < 3; i++) {
        static const char *const ends[] = {"1 2]", "\n\n  nope]", "\"\xc3\xa9\" x]"};
        static const unsigned offsets[] = {2, 4, 5};
        size_t before = body.len;
        buf_put_text(&body, ends[i]);
        assert_refused(buf_text(&body), body.len, json_default_limits, WALK_ALL, ERR_NOT_JSON,
                       before + offsets[i], i == 1 ? 1500 : 1501);
        body.len = before;
    }
    buf_free(&body);
}

static void what_is_wrong_is_said_in_words(void **state) {
    (void)state;
    static const struct {
        const char *body;
        const char *words;
    } bodies[] = {
        {"[1,]", "the comma before ] is one too many; remove it"},
        {"[[1,]]", "the comma before ] is one too many; remove it"},
        {"[{\"a\":1,}]", "the comma before } is one too many; remove it"},
        {"[{a:1}]", "expected a key in double quotes"},
        {"[{'a':1}]", "single quotes, as Python prints"},
        {"[{\"a\" 1}]", "expected a colon after the key"},
        {"[1 2]", "expected a comma or ]"},
        {"[{\"a\":1 \"b\":2}]", "expected a comma or }"},
        {"[\"a\x01\"]", "must be escaped"},
        {"[\"C:\\data\"]", "write a backslash as \\\\"},
        {"[1] 2", "more text follows the end"},
        {"[1, 2", "ends in the middle; upload the whole file"},
        {"", "send the JSON file"},
        {"[\"\xe9\"]", "save the file as UTF-8"},
        {"[1,\xff]", "save the file as UTF-8"},
        {"[{\"a\":[1 [2]],\"b\":\"\xff\"}]", "expected a comma or ]"},
        {"[{\"a\":[1,[2]],\"b\":\"\xff\"}]", "save the file as UTF-8"},
        {"[{\"a\":[1 [2]],\"b\":\"\xc3", "expected a comma or ]"},
        {"[{\"a\":[1,[2]],\"b\":\"\xc3", "in the middle of a character"},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct source source;
        struct buf seen;
        struct err err = {0};
        source_init(&source, bodies[i].body, strlen(bodies[i].body), 1, 1);
        buf_init(&seen, SIZE_MAX / 2);
        assert_false(render_source(&source, &json_default_limits, WALK_ALL, &seen, &err));
        if (!strstr(err.message, bodies[i].words)) fail_msg("%s: %s", bodies[i].body, err.message);
        buf_free(&seen);
    }
}

static void another_kind_of_document_is_of_the_wrong_shape(void **state) {
    (void)state;
    assert_wrong_shape(" {\"a\":1}", true, 1, "expected an array, found an object");
    assert_wrong_shape("[1]", false, 0, "expected an object, found an array");
    assert_wrong_shape("\"a\"", true, 0, "expected an array, found a string");
    assert_wrong_shape("  12", true, 2, "expected an array, found a number");
    assert_wrong_shape("true", false, 0, "expected an object, found true");
    assert_wrong_shape("false", false, 0, "expected an object, found false");
    assert_wrong_shape("null", false, 0, "expected an object, found null");
    assert_wrong_shape("NaN", false, 0, "expected an object, found NaN or Infinity");
}

static void what_is_not_json_at_all_is_not_of_the_wrong_shape(void **state) {
    (void)state;
    static const char *const bodies[] = {"<html>", "PK\003\004", "hello", "trie", "+"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct opened opened;
        open_text(&opened, bodies[i]);
        assert_false(document_enter_array(&opened.document, &opened.err));
        assert_int_equal(opened.err.code, ERR_NOT_JSON);
        assert_int_equal(opened.err.offset, 0);
        document_close(&opened.document);
    }
}

static void a_member_of_the_wrong_shape_is_named_by_its_byte(void **state) {
    (void)state;
    struct opened opened;
    struct json_value key;
    bool more;
    open_text(&opened, "{\"annotations\" : {}}");
    assert_true(document_enter_object(&opened.document, &opened.err));
    assert_true(document_next_key(&opened.document, &key, &more, &opened.err) && more);
    assert_false(document_enter_array(&opened.document, &opened.err));
    assert_int_equal(opened.err.code, ERR_WRONG_SHAPE);
    assert_int_equal(opened.err.offset, 17);
    document_close(&opened.document);
}

static void peeking_takes_nothing(void **state) {
    (void)state;
    static const enum json_type due[] = {JSON_OBJECT, JSON_ARRAY,  JSON_STRING,
                                         JSON_NUMBER, JSON_NUMBER, JSON_NUMBER};
    struct opened opened;
    struct json_value value;
    enum json_type type;
    bool more;
    open_text(&opened, "{\"o\": {}, \"a\" :[1], \"s\" : \"x\", \"n\":-1, \"t\":true, \"x\":NaN}");
    assert_true(document_peek(&opened.document, &type, &opened.err) && type == JSON_OBJECT);
    assert_true(document_enter_object(&opened.document, &opened.err));
    for (size_t i = 0; i < sizeof due / sizeof *due; i++) {
        assert_true(document_next_key(&opened.document, &value, &more, &opened.err) && more);
        for (int again = 0; again < 3; again++) {
            assert_true(document_peek(&opened.document, &type, &opened.err));
            assert_int_equal(type, due[i]);
        }
        assert_true(document_value(&opened.document, &value, &opened.err));
    }
    assert_true(document_next_key(&opened.document, &value, &more, &opened.err) && !more);
    assert_true(document_finish(&opened.document, &opened.err));
    document_close(&opened.document);
}

/* Values tokenized together with a key are not tokenized again inside of the array after it.
 * Otherwise each of many small arrays would cost a whole slice. */
static void an_array_is_entered_with_the_tokens_there_are(void **state) {
    (void)state;
    static const char body[] = "\"a\":[],\"b\":[1,{\"c\":2}],\"d\"";
    struct source source;
    struct window window;
    struct json_value value;
    struct err err;
    source_init(&source, body, sizeof body - 1, sizeof body, 1);
    window_init(&window, &source.reader, 4096, 4096);
    struct tokens *tokens = tokens_new(&window, &json_default_limits);
    assert_non_null(tokens);
    assert_true(tokens_next(tokens, &value, &err));
    window.cursor += strlen(":");
    tokens_enter(tokens);
    window.cursor += strlen("],");
    assert_true(tokens_ready(tokens));
    assert_true(tokens_next(tokens, &value, &err) && json_equals(&value, 0, "b"));
    window.cursor += strlen(":");
    tokens_enter(tokens);
    assert_true(tokens_ready(tokens));
    assert_true(tokens_next(tokens, &value, &err) && value.nodes[0].type == JSON_NUMBER);
    window.cursor += strlen(",");
    assert_true(tokens_ready(tokens));
    assert_true(tokens_next(tokens, &value, &err) && value.count == 3);
    window.cursor += strlen("],");
    assert_true(tokens_ready(tokens));
    assert_true(tokens_next(tokens, &value, &err) && json_equals(&value, 0, "d"));
    tokens_free(tokens);
    window_free(&window);
}

/* The tokens of a large element are freed when it is taken. */
static void elements_behind_one_of_very_many_tokens_are_the_same(void **state) {
    (void)state;
    enum {
        NUMBERS = 100000
    };
    struct buf body;
    struct source source;
    struct document document;
    struct json_value value;
    struct err err;
    bool more;
    buf_init(&body, 1 << 20);
    buf_put_text(&body, "{\"a\": [[1], [1");
    put_repeated(&body, ",1", NUMBERS - 1);
    buf_put_text(&body, "], {\"x\": 2}, 3], \"b\": \"end\"}");
    source_init(&source, buf_text(&body), body.len, body.len, 1);
    assert_true(document_open(&document, &source.reader, &json_default_limits, &err));
    assert_true(document_enter_object(&document, &err));
    assert_true(document_next_key(&document, &value, &more, &err) && more);
    assert_true(document_enter_array(&document, &err));
    static const uint32_t counts[] = {2, NUMBERS + 1, 3, 1};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        assert_true(document_next_element(&document, &value, &more, &err) && more);
        assert_int_equal(value.count, counts[i]);
    }
    assert_true(document_next_element(&document, &value, &more, &err) && !more);
    assert_true(document_next_key(&document, &value, &more, &err) && more);
    assert_true(document_value(&document, &value, &err) && json_equals(&value, 0, "end"));
    document_close(&document);
    buf_free(&body);
}

/* ---- strings ---------------------------------------------------------------------------- */

/* Returns the only value of the document. */
static struct json_value only_value(struct opened *opened, const char *body) {
    struct json_value value;
    open_text(opened, body);
    assert_true(document_value(&opened->document, &value, &opened->err));
    return value;
}

static void assert_unescapes(const char *body, const char *due, size_t due_len) {
    struct opened opened;
    struct json_value value = only_value(&opened, body);
    struct buf text;
    buf_init(&text, 1000);
    buf_put_text(&text, ">");
    assert_true(json_unescape(&value, 0, &text));
    assert_int_equal(text.len, due_len + 1);
    assert_memory_equal(text.data + 1, due, due_len);
    assert_true(json_equals(&value, 0, due));
    buf_free(&text);
    document_close(&opened.document);
}

static void escapes_are_resolved_to_utf8(void **state) {
    (void)state;
    assert_unescapes("\"\"", TEXT(""));
    assert_unescapes("\"plain\"", TEXT("plain"));
    assert_unescapes("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", TEXT("\"\\/\b\f\n\r\t"));
    assert_unescapes("\"a\\u0041\\u007f\\u0080\\u07ff\\u0800\\uffff z\"",
                     TEXT("aA\177\302\200\337\277\340\240\200\357\277\277 z"));
    assert_unescapes("\"\\uE000\\uD7ff\"", TEXT("\356\200\200\355\237\277"));
    assert_unescapes("\"\\uD834\\uDD1E\\ud800\\udc00\\uDBFF\\uDFFF\"",
                     TEXT("\360\235\204\236\360\220\200\200\364\217\277\277"));
    assert_unescapes("\"caf\303\251 \\u00E9\"", TEXT("caf\303\251 \303\251"));
}

static void what_no_text_column_can_hold_does_not_unescape(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "\"\\u0000\"",          "\"a\\u0000b\"",      "\"\\ud800\"",        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",   "\"\\ud800\\ud800\"", "\"\\ud800x\"",       "\"\\ud800\\n\"",
        "\"\\udc00\\ud800\"",   "\"\\udc00\\udc00\"", "\"\\udfff\\udfff\"", "\"\\ud800 \\udc00\"",
        "\"\\ud800\\\\udc00\"",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct opened opened;
        struct json_value value = only_value(&opened, bodies[i]);
        struct buf text;
        buf_init(&text, 1000);
        assert_false(json_unescape(&value, 0, &text));
        assert_false(json_equals(&value, 0, ""));
        assert_false(json_equals(&value, 0, "a"));
        buf_free(&text);
        document_close(&opened.document);
    }
}

static void a_key_is_known_however_it_is_written(void **state) {
    (void)state;
    struct opened opened;
    struct json_value value = only_value(
        &opened, "{\"bbox\":1,\"b\\u0062ox\":2,\"\\u0062\\u0062\\u006F\\u0078\":3,"
                 "\"bbo\":4,\"bboxx\":5,\"\\u0062bo\":6,\"\\u0062boxx\":7,\"\\\\bbox\":8,"
                 "\"Bbox\":9,\"\":10}");
    uint32_t node = 1;
    for (int i = 1; i <= 10; i++) {
        assert_int_equal(json_equals(&value, node, "bbox"), i <= 3);
        assert_int_equal(json_equals(&value, node, ""), i == 10);
        node = value.nodes[value.nodes[node].next].next;
    }
    assert_int_equal(node, value.count);
    document_close(&opened.document);
}

static void a_key_given_twice_comes_twice_in_order(void **state) {
    (void)state;
    struct opened opened;
    struct json_value value = only_value(&opened, "{\"id\":1,\"id\":2}");
    assert_int_equal(json_child_count(&value, 0), 4);
    assert_true(json_equals(&value, 1, "id") && json_equals(&value, 3, "id"));
    assert_memory_equal(json_raw(&value, 2).data, "1", 1);
    assert_memory_equal(json_raw(&value, 4).data, "2", 1);
    document_close(&opened.document);
}

/* ---- mutations ---------------------------------------------------------------------------- */

/* A direct implementation of RFC 8259 with NaN and Infinity, for comparison. Each function moves
 * past what it is named after, or returns NULL. */
struct text {
    const char *p;
    const char *end;
};

static const char *skip_space(struct text t) {
    while (t.p < t.end && (*t.p == ' ' || *t.p == '\t' || *t.p == '\r' || *t.p == '\n')) t.p++;
    return t.p;
}

static const char *read_word(struct text t, const char *word) {
    size_t len = strlen(word);
    return (size_t)(t.end - t.p) >= len && memcmp(t.p, word, len) == 0 ? t.p + len : NULL;
}

static const char *read_digits(struct text t) {
    const char *start = t.p;
    while (t.p < t.end && *t.p >= '0' && *t.p <= '9') t.p++;
    return t.p > start ? t.p : NULL;
}

static const char *read_number(struct text t) {
    if (t.p < t.end && *t.p == '-') t.p++;
    if (t.p < t.end && *t.p == '0') {
        t.p++;
    } else if (!(t.p = read_digits(t))) {
        return NULL;
    }
    if (t.p < t.end && *t.p == '.') {
        t.p++;
        if (!(t.p = read_digits(t))) return NULL;
    }
    if (t.p < t.end && (*t.p == 'e' || *t.p == 'E')) {
        t.p++;
        if (t.p < t.end && (*t.p == '+' || *t.p == '-')) t.p++;
        if (!(t.p = read_digits(t))) return NULL;
    }
    return t.p;
}

/* Reads one character of several bytes, by the table in RFC 3629 section 4. */
static const char *read_wide(struct text t) {
    static const unsigned char rows[][3] = {
        /* last lead byte, lowest and highest second byte */
        {0xc1, 1, 0},       {0xdf, 0x80, 0xbf}, {0xe0, 0xa0, 0xbf}, {0xec, 0x80, 0xbf},
        {0xed, 0x80, 0x9f}, {0xef, 0x80, 0xbf}, {0xf0, 0x90, 0xbf}, {0xf3, 0x80, 0xbf},
        {0xf4, 0x80, 0x8f}, {0xff, 1, 0},
    };
    const unsigned char *p = (const unsigned char *)t.p;
    size_t row = 0;
    while (p[0] > rows[row][0]) row++;
    ptrdiff_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (t.end - t.p < len || p[1] < rows[row][1] || p[1] > rows[row][2]) return NULL;
    for (ptrdiff_t i = 2; i < len; i++) {
        if (p[i] < 0x80 || p[i] > 0xbf) return NULL;
    }
    return t.p + len;
}

static const char *read_escape(struct text t) {
    if (t.end - t.p < 2) return NULL;
    if (t.p[1] != '\0' && strchr("\"\\/bfnrt", t.p[1])) return t.p + 2;
    if (t.p[1] != 'u' || t.end - t.p < 6) return NULL;
    for (int i = 2; i < 6; i++) {
        if (t.p[i] == '\0' || !strchr("0123456789abcdefABCDEF", t.p[i])) return NULL;
    }
    return t.p + 6;
}

static const char *read_string(struct text t) {
    if (t.p == t.end || *t.p++ != '"') return NULL;
    while (t.p && t.p < t.end && *t.p != '"') {
        unsigned char c = (unsigned char)*t.p;
        if (c < 0x20) return NULL;
        t.p = c == '\\' ? read_escape(t) : c < 0x80 ? t.p + 1 : read_wide(t);
    }
    return t.p && t.p < t.end ? t.p + 1 : NULL;
}

static const char *read_any(struct text t);

static const char *read_member(struct text t) {
    if (!(t.p = read_string(t))) return NULL;
    t.p = skip_space(t);
    if (t.p == t.end || *t.p++ != ':') return NULL;
    t.p = skip_space(t);
    return read_any(t);
}

static const char *read_bracket(struct text t) {
    bool object = *t.p++ == '{';
    char close = object ? '}' : ']';
    t.p = skip_space(t);
    if (t.p < t.end && *t.p == close) return t.p + 1;
    for (;;) {
        if (!(t.p = object ? read_member(t) : read_any(t))) return NULL;
        t.p = skip_space(t);
        if (t.p == t.end) return NULL;
        if (*t.p == close) return t.p + 1;
        if (*t.p++ != ',') return NULL;
        t.p = skip_space(t);
    }
}

static const char *read_any(struct text t) {
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
    if (t.p == t.end) return NULL;
    if (*t.p == '{' || *t.p == '[') return read_bracket(t);
    if (*t.p == '"') return read_string(t);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *behind = read_word(t, words[i]);
        if (behind) return behind;
    }
    return read_number(t);
}

static bool is_json(const char *body, size_t len) {
    struct text t = {body, body + len};
    t.p = skip_space(t);
    if (!(t.p = read_any(t))) return false;
    return skip_space(t) == t.end;
}

/* Changes the bytes at one place; the buffer must have room for 8 more. */
static size_t mutate(char *body, size_t len, uint64_t *seed) {
    static const char *const pieces[] = {
        "{",     "}",
        "[",     "]",
        ",",     ":",
        "\"",    "\\",
        "\\u",   " ",
        "\n",    "0",
        "1",     "-",
        "+",     ".",
        "e",     "E5",
        "t",     "true",
        "null",  "fals",
        "N",     "NaN",
        "Inf",   "Infinity",
        "\t",    "\1",
        "/",     "\177",
        "\303",  "\251",
        "\377",  "\355\240\200",
        "a",     "\"a\":",
        "\"a\"", "[[",
    };
    size_t at = random_below(seed, len + 1);
    size_t gone = len - at;
    switch (random_below(seed, 6)) {
    case 0: /* sometimes cut the end off */
        if (random_below(seed, 4) == 0) return at;
        break;
    case 1: /* flip a bit */
        if (at < len) body[at] = (char)(body[at] ^ (1 << random_below(seed, 8)));
        return len;
    case 2: /* sometimes a NUL */
        if (at < len && random_below(seed, 8) == 0) body[at] = '\0';
        return len;
    default:
        break;
    }
    if (gone > 3) gone = random_below(seed, 4);
    const char *piece = "";
    if (random_below(seed, 4)) piece = pieces[random_below(seed, sizeof pieces / sizeof *pieces)];
    size_t piece_len = strlen(piece);
    memmove(body + at + piece_len, body + at + gone, len - at - gone);
    memcpy(body + at, piece, piece_len);
    return len + piece_len - gone;
}

struct reading {
    bool taken;
    struct buf text;
    struct err err;
};

static void read_body(struct reading *reading, const char *body, size_t len, size_t window,
                      size_t chunk, enum way way) {
    struct source source;
    struct json_limits limits = limits_with_window(window);
    memset(&reading->err, 0, sizeof reading->err);
    buf_init(&reading->text, SIZE_MAX / 2);
    source_init(&source, body, len, chunk, chunk);
    reading->taken = render_source(&source, &limits, way, &reading->text, &reading->err);
}

static void assert_same(const struct reading *a, const struct reading *b) {
    assert_int_equal(a->taken, b->taken);
    assert_string_equal(a->err.message, b->err.message);
    assert_int_equal(a->err.code, b->err.code);
    assert_int_equal(a->err.offset, b->err.offset);
    assert_int_equal(a->err.has_index, b->err.has_index);
    assert_int_equal(a->err.index, b->err.index);
    assert_int_equal(a->text.len, b->text.len);
    if (a->text.len > 0) assert_memory_equal(a->text.data, b->text.data, a->text.len);
}

static void mutated_documents_are_taken_or_refused_as_the_grammar_has_it(void **state) {
    (void)state;
    uint64_t seed = 8259;
    size_t taken = 0;
    enum {
        ROUNDS = 30000
    };
    for (int round = 0; round < ROUNDS; round++) {
        const char *original = documents[random_below(&seed, DOCUMENTS)];
        size_t len = strlen(original);
        struct buf room;
        buf_init(&room, SIZE_MAX / 2);
        buf_printf(&room, "%s%24s", original, ""); /* each change adds at most 8 bytes */
        char *body = room.data;
        for (size_t i = 1 + random_below(&seed, 3); i > 0; i--) len = mutate(body, len, &seed);
        enum way way = (enum way)random_below(&seed, 3);
        struct reading whole;
        struct reading bytes;
        struct reading pieces;
        read_body(&whole, body, len, 4096, 4096, way);
        read_body(&bytes, body, len, 1, 1, way);
        read_body(&pieces, body, len, 1 + random_below(&seed, 64), 1 + random_below(&seed, 64),
                  way);
        assert_int_equal(whole.taken, is_json(body, len));
        assert_same(&whole, &bytes);
        assert_same(&whole, &pieces);
        taken += whole.taken;
        buf_free(&whole.text);
        buf_free(&bytes.text);
        buf_free(&pieces.text);
        buf_free(&room);
    }
    assert_in_range(taken, ROUNDS / 20, ROUNDS / 2); /* both outcomes were tested */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_reads_the_same_through_any_window_and_in_any_pieces),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(a_document_may_be_cut_in_two_anywhere),
        cmocka_unit_test(elements_may_end_anywhere_in_a_large_body),
        cmocka_unit_test(the_window_grows_for_one_element_and_shrinks_again),
        cmocka_unit_test(an_empty_body_is_called_empty),
        cmocka_unit_test(a_missing_or_surplus_mark_is_found_where_it_is),
        cmocka_unit_test(brackets_that_do_not_match_are_found_where_they_are),
        cmocka_unit_test(a_body_that_stops_is_truncated_at_its_end),
        cmocka_unit_test(what_was_wrong_before_the_end_comes_before_truncation),
        cmocka_unit_test(words_and_numbers_are_those_of_json),
        cmocka_unit_test(non_finite_words_are_those_python_writes),
        cmocka_unit_test(strings_hold_no_control_character_and_known_escapes_only),
        cmocka_unit_test(a_byte_that_is_not_utf8_is_named_with_its_element),
        cmocka_unit_test(an_error_of_the_source_comes_with_the_element),
        cmocka_unit_test(sixty_four_levels_are_taken_and_no_more),
        cmocka_unit_test(what_was_wrong_before_it_comes_before_depth),
        cmocka_unit_test(an_element_larger_than_allowed_is_refused_where_it_starts),
        cmocka_unit_test(any_amount_of_white_space_is_no_large_element),
        cmocka_unit_test(an_element_of_more_tokens_than_allowed_is_refused_where_it_starts),
        cmocka_unit_test(an_error_far_into_a_body_names_its_line_and_column),
        cmocka_unit_test(what_is_wrong_is_said_in_words),
        cmocka_unit_test(another_kind_of_document_is_of_the_wrong_shape),
        cmocka_unit_test(what_is_not_json_at_all_is_not_of_the_wrong_shape),
        cmocka_unit_test(a_member_of_the_wrong_shape_is_named_by_its_byte),
        cmocka_unit_test(peeking_takes_nothing),
        cmocka_unit_test(an_array_is_entered_with_the_tokens_there_are),
        cmocka_unit_test(elements_behind_one_of_very_many_tokens_are_the_same),
        cmocka_unit_test(escapes_are_resolved_to_utf8),
        cmocka_unit_test(what_no_text_column_can_hold_does_not_unescape),
        cmocka_unit_test(a_key_is_known_however_it_is_written),
        cmocka_unit_test(a_key_given_twice_comes_twice_in_order),
        cmocka_unit_test(mutated_documents_are_taken_or_refused_as_the_grammar_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
