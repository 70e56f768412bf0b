/*
 * A growing output buffer with a ceiling and a sticky failure: a caller writes a whole document or
 * packet unchecked and asks once at the end.
 */
#ifndef PGCOCO_BASE_BUF_H
#define PGCOCO_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;  /* never more bytes than this */
    bool failed; /* out of room or out of memory: len is 0, puts do nothing, until buf_reset */
};

/* An empty buffer that owns no memory yet. */
void buf_init(struct buf *buf, size_t max);

/* Forget the contents and a failure; keep the memory. */
void buf_reset(struct buf *buf);

/* Release the memory; the buffer is as after buf_init. */
void buf_free(struct buf *buf);

void buf_put(struct buf *buf, const void *bytes, size_t len);
void buf_put_char(struct buf *buf, char c);
void buf_put_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The contents as a C string, valid until the next put; "" when nothing was put or it failed. */
const char *buf_text(struct buf *buf);

/* The same as a slice: an empty text when nothing was put, never none. */
struct slice buf_slice(struct buf *buf);

#endif
