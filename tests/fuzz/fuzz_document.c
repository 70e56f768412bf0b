/*
 * A document gives the same values, or the same error at the same place, however its bytes arrive
 * and however small the window is. What it gives is JSON that gives the same again.
 */
#include "fuzz.h"

#include "../unit/rendering.h"

enum {
    TEXT_MAX = 8 * 1024,
    LINES = WHOLE + 1, /* JSON Lines, by element */
    WAYS = LINES + 1,
    SPLITS = 3 /* of each input, beside the whole */
};

struct outcome {
    struct buf text;
    bool taken;
    struct err err;
};

static bool render_lines(struct document *document, const char *body, struct buf *into,
                         struct err *err) {
    struct json_value value;
    bool more;
    document_enter_lines(document);
    for (;;) {
        if (!document_next_element(document, &value, &more, err)) return false;
        if (!more) return document_finish(document, err);
        render_value(&value, body, into);
        buf_put_char(into, '\n');
    }
}

static void read_in(unsigned way, struct source *source, const struct json_limits *limits,
                    struct outcome *outcome) {
    struct document document;
    outcome->err = (struct err){.code = ERR_NONE};
    buf_init(&outcome->text, 4 * TEXT_MAX);
    if (way < LINES) {
        outcome->taken =
            render_source(source, limits, (enum way)way, &outcome->text, &outcome->err);
        return;
    }
    outcome->taken = document_open(&document, &source->reader, limits, &outcome->err) &&
                     render_lines(&document, source->bytes, &outcome->text, &outcome->err);
    document_close(&document);
}

static bool same_place(const struct err *a, const struct err *b) {
    return a->has_offset == b->has_offset && a->offset == b->offset &&
           a->has_place == b->has_place && a->place.line == b->place.line &&
           a->place.column == b->place.column && a->has_index == b->has_index &&
           a->index == b->index;
}

static bool is_limit(enum err_code code) {
    return code == ERR_TOO_DEEP || code == ERR_ELEMENT_TOO_LARGE;
}

/* A value that is refused for two reasons, a limit among them, is refused for either: limits are
 * looked at piece by piece. */
static void require_same(const struct outcome *a, const struct outcome *b) {
    fuzz_require(a->taken == b->taken);
    if (a->err.code != b->err.code && (is_limit(a->err.code) || is_limit(b->err.code))) return;
    fuzz_require(a->err.code == b->err.code);
    fuzz_require(strcmp(a->err.message, b->err.message) == 0);
    fuzz_require(same_place(&a->err, &b->err));
    fuzz_require(a->text.len == b->text.len);
    fuzz_require(a->text.len == 0 || memcmp(a->text.data, b->text.data, a->text.len) == 0);
}

/* An error has a place, and it lies in the text. */
static void require_explained(const struct outcome *outcome, size_t size) {
    const struct err *err = &outcome->err;
    fuzz_require(outcome->taken == (err->code == ERR_NONE));
    fuzz_require(outcome->taken || (err->message[0] && err->has_offset && err->offset <= size));
}

static size_t any_size(uint64_t *seed) {
    static const size_t sizes[] = {1, 2, 3, 4, 7, 16, 64, 300, 4096, TEXT_MAX};
    return sizes[random_below(seed, sizeof sizes / sizeof *sizes)];
}

static void read_again(const struct outcome *whole, const struct json_limits *limits) {
    struct source source;
    struct outcome again;
    source_init(&source, whole->text.data, whole->text.len, TEXT_MAX, TEXT_MAX);
    read_in(WHOLE, &source, limits, &again);
    fuzz_require(again.taken);
    fuzz_require(again.text.len == whole->text.len);
    fuzz_require(memcmp(again.text.data, whole->text.data, again.text.len) == 0);
    buf_free(&again.text);
}

/* limits: all but the window, which is the subject. */
static void compare(unsigned way, const char *text, size_t size, struct json_limits limits,
                    uint64_t *seed) {
    struct source source;
    struct outcome whole;
    limits.window = 2 * TEXT_MAX < limits.max_element ? 2 * TEXT_MAX : limits.max_element;
    source_init(&source, text, size, TEXT_MAX, TEXT_MAX);
    read_in(way, &source, &limits, &whole);
    require_explained(&whole, size);
    if (whole.taken && way == WHOLE) read_again(&whole, &limits);
    for (int i = 0; i < SPLITS; i++) {
        struct outcome pieces;
        size_t chunk = any_size(seed);
        size_t window = any_size(seed);
        limits.window = window < limits.max_element ? window : limits.max_element;
        source_init(&source, text, size, random_below(seed, 2) ? chunk : any_size(seed), chunk);
        read_in(way, &source, &limits, &pieces);
        require_same(&whole, &pieces);
        buf_free(&pieces.text);
    }
    buf_free(&whole.text);
}

/* The limits of an element are those of its bytes, its tokens and its depth, not of the window. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > TEXT_MAX) return 0;
    uint64_t seed = fuzz_seed(data, size);
    struct json_limits wide = json_default_limits;
    struct json_limits narrow = {.max_element = TEXT_MAX, .max_tokens = 200, .max_depth = 6};
    for (unsigned way = 0; way < WAYS; way++) {
        compare(way, (const char *)data, size, random_below(&seed, 2) ? wide : narrow, &seed);
    }
    return 0;
}
