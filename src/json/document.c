/* Reads a document from its outermost value inwards: see document.h. */
#include "json/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json/lexical.h"

bool document_open(struct document *document, const struct reader *source,
                   const struct json_limits *limits, struct err *err) {
    *document = (struct document){0};
    window_init(&document->window, source, limits->window, limits->max_element);
    document->tokens = tokens_new(&document->window, limits);
    document->shapes = shapes_new();
    return (document->tokens && document->shapes) || err_set(err, ERR_BUSY, "out of memory");
}

void document_close(struct document *document) {
    tokens_free(document->tokens);
    document->tokens = NULL;
    shapes_free(document->shapes);
    document->shapes = NULL;
    window_free(&document->window);
}

static bool is_in_window(const struct window *window, uint64_t offset) {
    return offset >= window->base && offset <= window_end(window);
}

/* Says what it is that is not JSON: what the file seems to be, or else the text at the place of the
 * error. */
static void recognize(struct window *window, struct err *err) {
    const char *place = NULL;
    if (is_in_window(window, err->offset)) {
        window_look_ahead(window, err->offset + SNIFF_PLACE);
        place =
            sniff_place(window_at(window, err->offset), (size_t)(window_end(window) - err->offset));
    }
    window_complete_head(window);
    const char *file = sniff_file(window->head, window->head_len);
    if (file || place) {
        snprintf(err->message, sizeof err->message, "not JSON: %s", file ? file : place);
    }
}

/* Adds line and column of the offset, and the index of the current element, to an error. Returns
 * false. */
static bool locate(const struct document *document, struct err *err) {
    const struct window *window = &document->window;
    if (err->has_offset && !err->has_place && is_in_window(window, err->offset)) {
        err->has_place = true;
        err->place = window_place(window, err->offset);
    }
    if (document->in_array && !err->has_index) {
        err->has_index = true;
        err->index = document->index;
    }
    return false;
}

static bool failed(struct document *document, struct err *err) {
    if (err->code == ERR_NOT_JSON) recognize(&document->window, err);
    return locate(document, err);
}

static bool not_json(struct document *document, struct err *err, const char *problem) {
    err_set_at(err, ERR_NOT_JSON, document->window.cursor, "not JSON: %s", problem);
    return failed(document, err);
}

/* Moves the cursor to the next byte that is not white space and returns it in *c; '\0' at the end
 * of the body, which cannot hold a NUL. */
static bool next_char(struct document *document, char *c, struct err *err) {
    struct window *window = &document->window;
    for (;;) {
        while (window->cursor < window_end(window)) {
            *c = *window_at(window, window->cursor);
            if (!lexical_is_space(*c)) return true;
            if (*c == '\n') document->newline = true;
            window->cursor++;
        }
        if (window->ended) {
            *c = '\0';
            return true;
        }
        if (!window_fill(window, 1, err)) return failed(document, err);
    }
}

/* Skips a byte order mark at the start of the body (allowed by RFC 8259 section 8.1). */
static bool skip_mark(struct document *document, struct err *err) {
    static const char mark[] = "\xef\xbb\xbf";
    struct window *window = &document->window;
    if (window->cursor > 0) return true;
    for (;;) {
        size_t there = (size_t)(window_end(window) - window->cursor);
        if (there > 0 && memcmp(window_at(window, 0), mark, there < 3 ? there : 3) != 0)
            return true;
        if (there >= 3) {
            window->cursor = 3;
            window->place.column--; /* editors do not count it */
            return true;
        }
        if (window->ended) return true;
        if (!window_fill(window, 1, err)) return failed(document, err);
    }
}

/* Like next_char, but the end of the body is an error. */
static bool need_char(struct document *document, char *c, struct err *err) {
    if (!next_char(document, c, err)) return false;
    if (*c != '\0') return true;
    err_set_at(err, ERR_TRUNCATED, document->window.total,
               "the JSON ends in the middle; upload the whole file");
    return failed(document, err);
}

/* Moves to the first byte of the next value. */
static bool value_start(struct document *document, char *c, struct err *err) {
    if (!document->entered) {
        if (!skip_mark(document, err) || !next_char(document, c, err)) return false;
        if (*c == '\0') {
            err_set_at(err, ERR_EMPTY_BODY, document->window.total,
                       "the body is empty; send the JSON file in it");
            return failed(document, err);
        }
        return true;
    }
    if (document->after_key) {
        if (!need_char(document, c, err)) return false;
        if (*c != ':') return not_json(document, err, "expected a colon after the key");
        document->window.cursor++;
        document->after_key = false;
    }
    return need_char(document, c, err);
}

bool document_peek(struct document *document, enum json_type *type, struct err *err) {
    char c;
    if (!value_start(document, &c, err)) return false;
    *type = c == '{' ? JSON_OBJECT : c == '[' ? JSON_ARRAY : c == '"' ? JSON_STRING : JSON_NUMBER;
    return true;
}

bool document_refuse(const struct document *document, uint64_t offset, struct err *err,
                     const char *format, ...) {
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    err_set_at(err, ERR_WRONG_SHAPE, offset, "%s", message);
    return locate(document, err);
}

bool document_refuse_repeated(const struct document *document, const char *what, struct err *err) {
    return document_refuse(document, document->window.cursor, err,
                           "%s appears a second time; keep one", what);
}

/* True for a file that begins with a value of JSON and is none, such as a CSV file of numbers.
 * Nothing can be read afterwards. */
static bool is_no_json(struct document *document) {
    struct window *window = &document->window;
    if (document->entered) return false;
    window_complete_head(window);
    return sniff_file(window->head, window->head_len) != NULL;
}

/* Says which type was expected and which was found. If the text is not JSON at all, says that. */
static bool wrong_shape(struct document *document, enum json_type found, enum json_type expected,
                        struct err *err) {
    uint64_t offset = document->window.cursor;
    if (found != JSON_OBJECT && found != JSON_ARRAY) {
        struct json_value value;
        if (!tokens_next(document->tokens, &value, err)) return failed(document, err);
        found = value.nodes[0].type;
        document->window.cursor = offset;
        if (is_no_json(document)) return not_json(document, err, "expected a value");
    }
    return document_refuse(document, offset, err, "expected %s, found %s", json_type_name(expected),
                           json_type_name(found));
}

static bool enter(struct document *document, enum json_type type, struct err *err) {
    enum json_type found;
    if (!document_peek(document, &found, err)) return false;
    if (found != type) return wrong_shape(document, found, type, err);
    tokens_enter(document->tokens);
    document->entered = true;
    document->first = true;
    document->in_array = type == JSON_ARRAY;
    document->index = 0;
    return true;
}

bool document_enter_array(struct document *document, struct err *err) {
    return enter(document, JSON_ARRAY, err);
}

bool document_enter_object(struct document *document, struct err *err) {
    return enter(document, JSON_OBJECT, err);
}

enum {
    PEEK_MAX = 1024 * 1024
};

/* Tells whether another object follows the bytes before `end`, as far as the window reaches. Moves
 * no position, but may move the bytes. */
static bool object_follows(struct window *window, uint64_t end) {
    struct err ignored;
    for (;;) {
        for (; end < window_end(window); end++) {
            char c = *window_at(window, end);
            if (!lexical_is_space(c)) return c == '{';
        }
        if (window->ended || !window_fill(window, 1, &ignored)) return false;
    }
}

bool document_peek_object(struct document *document, struct json_value *value, bool *whole,
                          bool *more, struct err *err) {
    struct window *window = &document->window;
    struct err ignored; /* reported again when the object is taken */
    enum json_type type;
    if (!document_peek(document, &type, err)) return false;
    uint64_t start = window->cursor;
    size_t max = window->max;
    if (max > PEEK_MAX && window->initial <= PEEK_MAX) window->max = PEEK_MAX;
    *whole = tokens_next(document->tokens, value, &ignored);
    uint64_t end = window->cursor;
    window->cursor = start;
    *more = *whole && object_follows(window, end);
    if (*whole) value->text = window_at(window, start);
    window->max = max;
    return true;
}

void document_enter_lines(struct document *document) {
    document->entered = true;
    document->first = true;
    document->in_array = true;
    document->in_lines = true;
    document->index = 0;
}

/* Moves past the line feed to the next element. The end of the body ends the lines. */
static bool next_line(struct document *document, bool *more, struct err *err) {
    char c;
    document->newline = document->first;
    if (!next_char(document, &c, err)) return false;
    *more = c != '\0';
    document->in_array = *more;
    if (!*more) return true;
    if (!document->first) document->index++;
    document->first = false;
    return document->newline ||
           not_json(document, err,
                    "expected a new line; JSON Lines has one object on each (curl -d removes line "
                    "ends; -T and --data-binary keep them)");
}

/* Moves past the comma to the next member, or past the closing bracket (*more is then false). */
static bool next_member(struct document *document, char close, bool *more, struct err *err) {
    char c;
    if (!need_char(document, &c, err)) return false;
    *more = c != close;
    if (c == close) {
        document->window.cursor++;
        document->first = false;
        document->in_array = false;
        return true;
    }
    if (document->first) {
        document->first = false;
        return true;
    }
    if (document->in_array) document->index++;
    if (c != ',') {
        return not_json(document, err,
                        close == ']' ? "expected a comma or ]" : "expected a comma or }");
    }
    document->window.cursor++;
    if (!need_char(document, &c, err)) return false;
    return c != close || not_json(document, err,
                                  close == ']' ? "the comma before ] is one too many; remove it"
                                               : "the comma before } is one too many; remove it");
}

/* A compressed body can hold millions of brackets in a few bytes. */
static bool pay_for_nesting(struct document *document, const struct json_value *value,
                            struct err *err) {
    enum {
        CLIMBS_PER_STEP = 4
    };
    uint64_t steps = value->climbs / CLIMBS_PER_STEP;
    if (steps == 0 || work_spend(document->work, steps)) return true;
    err_set_at(err, ERR_TOO_DEEP, value->offset,
               "the file is nested too deeply for the bytes that were sent; send it uncompressed");
    return failed(document, err);
}

/* Takes the element at the cursor: from tokens if it is tokenized already, else by shape if one
 * fits, else from a new batch of tokens. */
static bool next_element(struct document *document, struct json_value *value, struct err *err) {
    bool known = tokens_ready(document->tokens);
    if (!known && shapes_next(document->shapes, &document->window, value)) return true;
    if (!tokens_next(document->tokens, value, err)) return failed(document, err);
    if (!known) shapes_learn(document->shapes, value);
    return pay_for_nesting(document, value, err);
}

bool document_next_element(struct document *document, struct json_value *value, bool *more,
                           struct err *err) {
    if (!(document->in_lines ? next_line(document, more, err)
                             : next_member(document, ']', more, err))) {
        return false;
    }
    return !*more || next_element(document, value, err);
}

bool document_next_key(struct document *document, struct json_value *key, bool *more,
                       struct err *err) {
    if (!next_member(document, '}', more, err)) return false;
    if (!*more) return true;
    if (*window_at(&document->window, document->window.cursor) != '"') {
        return not_json(document, err, "expected a key in double quotes");
    }
    document->after_key = true;
    return tokens_next(document->tokens, key, err) || failed(document, err);
}

bool document_value(struct document *document, struct json_value *value, struct err *err) {
    char c;
    if (!value_start(document, &c, err)) return false;
    if (!tokens_next(document->tokens, value, err)) return failed(document, err);
    return pay_for_nesting(document, value, err);
}

bool document_finish(struct document *document, struct err *err) {
    char c;
    if (!next_char(document, &c, err)) return false;
    return c == '\0' ||
           not_json(document, err,
                    c == '[' || c == '{'
                        ? "more JSON follows the end of the JSON; are these two files in one?"
                        : "more text follows the end of the JSON");
}

uint64_t document_bytes(const struct document *document) {
    return document->window.total;
}
