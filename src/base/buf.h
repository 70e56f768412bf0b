/*
 * A growing buffer with a limit and a sticky failure: write a whole document or packet unchecked,
 * and check `failed` once at the end.
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
    size_t max;  /* largest len, in bytes */
    bool failed; /* over the limit or out of memory: len is 0, puts do nothing until buf_reset */
};

/* Starts empty, without memory. Call buf_free in any case. */
void buf_init(struct buf *buf, size_t max);

/* Drops the contents and a failure; keeps the memory. */
void buf_reset(struct buf *buf);

/* Frees the memory. The buffer is then as after buf_init. */
void buf_free(struct buf *buf);

void buf_put(struct buf *buf, const void *bytes, size_t len);
void buf_put_char(struct buf *buf, char c);
void buf_put_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the contents as a C string, valid until the next put; "" if it is empty or has failed. */
const char *buf_text(struct buf *buf);

/* Returns the contents as a slice, valid until the next put; its data is never NULL. */
struct slice buf_slice(struct buf *buf);

#endif
