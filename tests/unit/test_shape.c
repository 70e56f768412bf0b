/*
 * The fast path past the tokenizer accepts nothing that the tokenizer refuses, and gives the same
 * nodes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "rendering.h"
#include "json/shape.h"

/* One object in a window, read in pieces. */
struct object {
    struct source source;
    struct window window;
};

static void object_open(struct object *object, const char *text, size_t len, size_t chunk) {
    source_init(&object->source, text, len, chunk, chunk);
    window_init(&object->window, &object->source.reader, 64, json_default_limits.max_element);
}

static struct shapes *shapes_of(const char *const *texts, size_t count) {
    struct shapes *shapes = shapes_new();
    assert_non_null(shapes);
    for (size_t i = 0; i < count; i++) {
        struct object object;
        struct json_value value;
        struct err err;
        object_open(&object, texts[i], strlen(texts[i]), 1000000);
        struct tokens *tokens = tokens_new(&object.window, &json_default_limits);
        assert_true(tokens_next(tokens, &value, &err));
        shapes_learn(shapes, &value);
        tokens_free(tokens);
        window_free(&object.window);
    }
    return shapes;
}

/* Checks that the tokenizer makes the same nodes of the text, with the same end. */
static void assert_tokenized_alike(const struct json_value *value, const char *text, size_t len,
                                   uint64_t cursor) {
    struct object object;
    struct json_value due;
    struct err err;
    object_open(&object, text, len, len);
    struct tokens *tokens = tokens_new(&object.window, &json_default_limits);
    assert_true(tokens_next(tokens, &due, &err));
    assert_int_equal(object.window.cursor, cursor);
    assert_int_equal(value->count, due.count);
    assert_int_equal(value->non_finite, due.non_finite);
    assert_int_equal(value->offset, due.offset);
    for (uint32_t i = 0; i < due.count; i++) {
        const struct json_node *seen = &value->nodes[i];
        assert_int_equal(seen->type, due.nodes[i].type);
        assert_int_equal(seen->start, due.nodes[i].start);
        assert_int_equal(seen->end, due.nodes[i].end);
        assert_int_equal(seen->next, due.nodes[i].next);
        assert_int_equal(seen->escaped, due.nodes[i].escaped);
    }
    assert_memory_equal(value->text, due.text, due.nodes[0].end);
    tokens_free(tokens);
    window_free(&object.window);
}

/* True if the shapes accept the text; then also checks the result. */
static bool is_taken(struct shapes *shapes, const char *text, size_t len, size_t chunk) {
    struct object object;
    struct json_value value;
    object_open(&object, text, len, chunk);
    struct err err;
    assert_true(window_fill(&object.window, 1, &err));
    bool taken = shapes_next(shapes, &object.window, &value);
    if (taken) {
        assert_tokenized_alike(&value, text, len, object.window.cursor);
    } else {
        assert_int_equal(object.window.cursor, 0);
    }
    window_free(&object.window);
    return taken;
}

struct family {
    const char *learned;
    const char *alike[4];
    const char *other[4];
};

static const struct family families[] = {
    {"{\"image_id\": 42, \"category_id\": 18, \"bbox\": [258.15, 41.29, 348.26, 243.78], "
     "\"score\": "
     "0.236}",
     {"{\"image_id\": 7, \"category_id\": -0, \"bbox\": [0, 0.5, 1e-7, 243.7812345678901], "
      "\"score\": 1E+2}",
      "{\"image_id\": 123456789012345678901234567890, \"category_id\": 1, \"bbox\": [1, 2, 3, 4], "
      "\"score\": 0}"},
     {"{\"image_id\": 7,  \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"score\": 1}",
      "{\"image_id\": 7, \"category_id\": 1, \"bbox\": [1, 2, 3], \"score\": 1}",
      "{\"image_id\": \"7\", \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"score\": 1}",
      "{\"image_id\": 7, \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"score\": NaN}"}},
    {"{\"file\":\"a.jpg\",\"s\":{\"size\":[480,640],\"counts\":\"mm1\"},\"e\":[],\"o\":{},\"t\":"
     "true,\"n\":null}",
     {"{\"file\":\"\",\"s\":{\"size\":[1,2],\"counts\":\"\303\251}{\"},\"e\":[],\"o\":{},\"t\":"
      "true,\"n\":null}"},
     {"{\"file\":\"\\u0041\",\"s\":{\"size\":[1,2],\"counts\":\"1\"},\"e\":[],\"o\":{},\"t\":true,"
      "\"n\":null}",
      "{\"file\":\"a\",\"s\":{\"size\":[1,2],\"counts\":\"1\"},\"e\":[],\"o\":{},\"t\":false,\"n\":"
      "null}"}},
    {"{\"a\\u0062\":\"\\n\",\"\":[[1],[2.5,[\"x\"]]]\n}",
     {"{\"a\\u0062\":\"n\",\"\":[[0],[0,[\"\"]]]\n}"},
     {"{\"a\\u0063\":\"n\",\"\":[[0],[0,[\"\"]]]\n}"}},
    {"{}", {"{}"}, {"{ }"}},
};

enum {
    FAMILIES = sizeof families / sizeof *families
};

static void objects_written_alike_are_taken_in_any_pieces(void **state) {
    (void)state;
    for (size_t f = 0; f < FAMILIES; f++) {
        struct shapes *shapes = shapes_of(&families[f].learned, 1);
        for (const char *const *alike = families[f].alike; *alike; alike++) {
            for (size_t chunk = 1; chunk <= strlen(*alike); chunk++) {
                assert_true(is_taken(shapes, *alike, strlen(*alike), chunk));
            }
        }
        shapes_free(shapes);
    }
}

static void objects_written_otherwise_are_left(void **state) {
    (void)state;
    for (size_t f = 0; f < FAMILIES; f++) {
        struct shapes *shapes = shapes_of(&families[f].learned, 1);
        for (const char *const *other = families[f].other; *other; other++) {
            for (size_t chunk = 1; chunk <= strlen(*other); chunk++) {
                assert_false(is_taken(shapes, *other, strlen(*other), chunk));
            }
        }
        shapes_free(shapes);
    }
}

static void an_object_that_the_end_cuts_is_left(void **state) {
    (void)state;
    for (size_t f = 0; f < FAMILIES; f++) {
        struct shapes *shapes = shapes_of(&families[f].learned, 1);
        const char *text = families[f].alike[0];
        for (size_t len = 1; len < strlen(text); len++) {
            assert_false(is_taken(shapes, text, len, 3));
        }
        shapes_free(shapes);
    }
}

/* Replaces every byte by every other, or removes it; is_taken compares the result with the
 * tokenizer. */
static void no_changed_byte_slips_through(void **state) {
    (void)state;
    size_t taken = 0;
    size_t tried = 0;
    for (size_t f = 0; f < FAMILIES; f++) {
        struct shapes *shapes = shapes_of(&families[f].learned, 1);
        const char *text = families[f].alike[0];
        size_t len = strlen(text);
        char changed[256];
        for (size_t at = 0; at < len; at++) {
            memcpy(changed, text, len);
            for (int byte = 1; byte < 128; byte++) {
                changed[at] = (char)byte;
                taken += is_taken(shapes, changed, len, len);
                tried++;
            }
            memmove(changed + at, text + at + 1, len - at - 1);
            taken += len > 1 && is_taken(shapes, changed, len - 1, len);
        }
        shapes_free(shapes);
    }
    assert_in_range(taken, tried / 100, tried / 2);
}

static void several_ways_of_writing_are_remembered(void **state) {
    (void)state;
    static const char *const learned[] = {"{\"a\":1}", "{\"b\":1}", "{\"a\":1,\"b\":2}",
                                          "{\"a\":[1]}", "{\"c\":1}"};
    struct shapes *shapes = shapes_of(learned, 5);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 1; i < 5; i++) {
            assert_true(is_taken(shapes, learned[i], strlen(learned[i]), 1));
        }
    }
    assert_false(is_taken(shapes, learned[0], strlen(learned[0]), 1));
    shapes_free(shapes);
}

static void what_is_large_or_no_object_is_not_learned(void **state) {
    (void)state;
    char many[2000];
    char numbers[1000];
    for (size_t i = 0; i < sizeof numbers; i++) numbers[i] = i % 2 ? ',' : '1';
    snprintf(many, sizeof many, "{\"a\":[%.*s]}", 999, numbers);
    char *large = malloc(5001);
    assert_non_null(large);
    memset(large, ' ', 5000);
    memcpy(large, "{\"a\":1", 6);
    memcpy(large + 4999, "}", 2);
    const char *learned[] = {"[1]", "1", "\"a\"", "{\"a\":NaN}", many, large};
    struct shapes *shapes = shapes_of(learned, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_false(is_taken(shapes, learned[i], strlen(learned[i]), 5000));
    }
    free(large);
    shapes_free(shapes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_written_alike_are_taken_in_any_pieces),
        cmocka_unit_test(objects_written_otherwise_are_left),
        cmocka_unit_test(an_object_that_the_end_cuts_is_left),
        cmocka_unit_test(no_changed_byte_slips_through),
        cmocka_unit_test(several_ways_of_writing_are_remembered),
        cmocka_unit_test(what_is_large_or_no_object_is_not_learned),
    };
    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
