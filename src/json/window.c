/* The sliding window over the body: see window.h. */
#include "json/window.h"

#include <stdlib.h>
#include <string.h>

void window_init(struct window *window, const struct reader *source, size_t initial, size_t max) {
    *window = (struct window){
        .source = source, .initial = initial, .max = max, .place = text_place_first()};
}

void window_free(struct window *window) {
    free(window->data);
    window->data = NULL;
    window->cap = window->filled = 0;
}

static bool resize(struct window *window, size_t cap, struct err *err) {
    /* One byte more, for the line feed that is appended at the end of the body. */
    char *data = realloc(window->data, cap + 1);
    if (!data) return err_set(err, ERR_BUSY, "out of memory for %zu bytes of the body", cap);
    window->data = data;
    window->cap = cap;
    return true;
}

struct text_place window_place(const struct window *window, uint64_t offset) {
    struct text_place place = window->place;
    text_place_advance(&place, window->data, (size_t)(offset - window->base),
                       !window->utf8.multibyte);
    return place;
}

/* Drops the bytes before the cursor. */
static void slide(struct window *window) {
    size_t done = (size_t)(window->cursor - window->base);
    if (done == 0) return;
    window->place = window_place(window, window->cursor);
    window->filled -= done;
    memmove(window->data, window->data + done, window->filled);
    window->base = window->cursor;
}

/* Makes room for `want` more bytes, or as many as `max` allows, but at least one. */
static bool make_room(struct window *window, size_t want, struct err *err) {
    if (window->cap - window->filled >= want && window->cap > 0) return true;
    slide(window);
    if (window->cap > window->initial && window->filled <= window->initial / 2 &&
        want <= window->initial / 2) {
        return resize(window, window->initial, err);
    }
    size_t cap = window->cap ? window->cap : window->initial;
    while (cap - window->filled < want && cap < window->max) {
        cap = cap <= window->max / 2 ? cap * 2 : window->max;
    }
    if (cap != window->cap && !resize(window, cap, err)) return false;
    if (window->cap == window->filled) {
        return err_set_at(err, ERR_ELEMENT_TOO_LARGE, window->cursor,
                          "a value is larger than %zu bytes, the limit of this server",
                          window->max);
    }
    return true;
}

/* Keeps the first bytes, which tell what a file is that is not JSON. */
static void keep_head(struct window *window, const char *bytes, size_t len) {
    size_t room = sizeof window->head - window->head_len;
    if (len > room) len = room;
    memcpy(window->head + window->head_len, bytes, len);
    window->head_len += len;
}

/* Takes the valid part of the len bytes after `filled`. */
static bool take_text(struct window *window, size_t len, struct err *err) {
    const char *bytes = window->data + window->filled;
    if (window->head_len < sizeof window->head) keep_head(window, bytes, len);
    size_t valid = utf8_check(&window->utf8, bytes, len);
    window->filled += valid;
    window->total += valid;
    if (valid == len) return true;
    /* RFC 8259 section 8.1 requires UTF-8. */
    return err_set_at(err, ERR_NOT_JSON, window->total, "%s",
                      bytes[valid] == '\0' ? "not JSON: a NUL byte"
                                           : "not UTF-8; save the file as UTF-8");
}

static bool end_body(struct window *window, struct err *err) {
    if (window->utf8.missing > 0) {
        return err_set_at(err, ERR_TRUNCATED, window->total,
                          "the body ends in the middle of a character; upload the whole file");
    }
    window->ended = true;
    window->data[window->filled++] = '\n';
    return true;
}

static bool read_once(struct window *window, struct err *err) {
    ssize_t len = reader_read(window->source, window->data + window->filled,
                              window->cap - window->filled, err);
    if (len < 0) return false;
    return len == 0 ? end_body(window, err) : take_text(window, (size_t)len, err);
}

bool window_fill(struct window *window, size_t want, struct err *err) {
    if (!window->failed && !make_room(window, want, err)) return false;
    uint64_t start = window_end(window);
    while (!window->failed && !window->ended && window_end(window) - start < want &&
           window->filled < window->cap) {
        window->failed = !read_once(window, &window->failure);
    }
    if (window_end(window) > start) return true;
    *err = window->failure;
    return false;
}

void window_look_ahead(struct window *window, uint64_t offset) {
    struct err ignored; /* the caller has an error already */
    uint64_t end = window_end(window);
    if (end < offset && !window->ended) window_fill(window, (size_t)(offset - end), &ignored);
}

void window_complete_head(struct window *window) {
    struct err ignored;
    /* A source that has ended or failed must not be read again. */
    bool is_over = window->ended || (window->failed && window->failure.code != ERR_NOT_JSON);
    if (is_over) window->head_is_complete = true;
    while (!window->head_is_complete && window->head_len < sizeof window->head) {
        ssize_t len = reader_read(window->source, window->head + window->head_len,
                                  sizeof window->head - window->head_len, &ignored);
        window->head_is_complete = len <= 0;
        if (len > 0) window->head_len += (size_t)len;
    }
}
