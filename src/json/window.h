/*
 * The sliding window over the body of an upload: the only place where its bytes are in memory.
 *
 *      base          cursor             base + filled      base + cap
 *        |-- consumed ---|-- to be parsed --|---- free ----|
 *
 * All positions are offsets in the body, so that every error can name a byte of the upload. Filling
 * may move the bytes: call window_at() again afterwards.
 */
#ifndef PGCOCO_JSON_WINDOW_H
#define PGCOCO_JSON_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"
#include "base/text_place.h"
#include "json/sniff.h"
#include "json/utf8.h"

struct window {
    const struct reader *source;
    char *data;
    size_t cap;
    size_t filled;
    size_t initial; /* size at the start, and after a large element; in bytes */
    size_t max;     /* largest size: the largest element; in bytes */
    uint64_t base;
    struct text_place place; /* of base */
    uint64_t cursor;         /* the first byte not consumed; callers move it */
    uint64_t total;          /* bytes read from the source */
    bool ended;              /* the source has ended without an error */
    bool failed;             /* reading has failed; `failure` holds the error */
    struct err failure;
    struct utf8 utf8;
    char head[SNIFF_HEAD]; /* the first bytes of the source, also those that are not UTF-8 */
    size_t head_len;
    bool head_is_complete; /* no more can be had */
};

/* Allocates nothing yet. source must outlive the window. 0 < initial <= max, in bytes. */
void window_init(struct window *window, const struct reader *source, size_t initial, size_t max);

void window_free(struct window *window);

/* Reads until at least `want` more bytes lie after base + filled, or the source ends, or the window
 * is full at its largest size. Checks that the bytes are UTF-8 without NUL. At the end of the
 * source appends one line feed that is not part of the body, so that a number at the very end is
 * complete. On failure returns false and fills *err: the error of the source, ERR_NOT_JSON for a
 * byte that is not UTF-8, ERR_TRUNCATED for a character that the end cuts, ERR_BUSY if there is no
 * memory, or ERR_ELEMENT_TOO_LARGE if the bytes from cursor to the end fill the largest window.
 * Bytes read before an error are given first, and the error only when they are used up, so that it
 * is reported for the right element however the source cuts the body. Must not be called after the
 * end. */
bool window_fill(struct window *window, size_t want, struct err *err);

/* For a message, after an error. Reads up to this offset if there is room; whether that succeeds
 * does not matter. */
void window_look_ahead(struct window *window, uint64_t offset);

/* The same for `head`. Takes bytes out of the source that the window does not get, so nothing can
 * be parsed afterwards. */
void window_complete_head(struct window *window);

/* Returns the byte at this offset; base <= offset <= base + filled. */
static inline const char *window_at(const struct window *window, uint64_t offset) {
    return window->data + (offset - window->base);
}

/* Returns line and column of this offset; base <= offset <= base + filled. */
struct text_place window_place(const struct window *window, uint64_t offset);

/* Returns the offset after the last byte in the window. */
static inline uint64_t window_end(const struct window *window) {
    return window->base + window->filled;
}

#endif
