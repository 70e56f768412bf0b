/*
 * The sliding window over a body: the only place where bytes of an upload lie in memory.
 *
 *      base          cursor             base + filled      base + cap
 *        |-- done with --|-- to be parsed --|---- room ----|
 *
 * All positions are offsets in the body, so every error can name a byte of the upload. Filling may
 * move the bytes: ask window_at() again afterwards.
 */
#ifndef PGCOCO_JSON_WINDOW_H
#define PGCOCO_JSON_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"
#include "base/text_place.h"
#include "json/utf8.h"

struct window {
    const struct reader *source;
    char *data;
    size_t cap;
    size_t filled;
    size_t initial; /* size to start with and to shrink to again */
    size_t max;     /* size never exceeded: the largest element */
    uint64_t base;
    struct text_place place; /* of base */
    uint64_t cursor;         /* the first byte not consumed; moved by the callers */
    uint64_t total;          /* bytes read from the source so far */
    bool ended;              /* the source has ended properly */
    bool failed;             /* no more can be had, for the reason in failure */
    struct err failure;
    struct utf8 utf8;
};

/* source must outlive the window. 0 < initial <= max. Allocates nothing yet. */
void window_init(struct window *window, const struct reader *source, size_t initial, size_t max);

void window_free(struct window *window);

/* Reads until at least `want` more bytes lie behind base + filled, or the source ends, or the
 * window is full at its greatest size. The bytes read are checked to be UTF-8 without NUL. When
 * the source ends, one newline that is not part of the body is appended, so that a number at the
 * very end is seen as complete. Returns false with *err filled: what the source said,
 * ERR_NOT_JSON for a byte that is not UTF-8, ERR_ELEMENT_TOO_LARGE when what lies between cursor
 * and the end fills the window at its greatest size. What was read before something went wrong is
 * given first, and the error when that is used up: so an error comes with the right element,
 * however the source cuts the body. Must not be called when ended. */
bool window_fill(struct window *window, size_t want, struct err *err);

/* The byte at this offset; base <= offset <= base + filled. */
static inline const char *window_at(const struct window *window, uint64_t offset) {
    return window->data + (offset - window->base);
}

/* Line and column of this offset; base <= offset <= base + filled. Counts from base on. */
struct text_place window_place(const struct window *window, uint64_t offset);

/* Offset behind the last byte there is. */
static inline uint64_t window_end(const struct window *window) {
    return window->base + window->filled;
}

#endif
