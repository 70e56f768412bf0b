/* A growing, bounded output buffer: see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t max) {
    *buf = (struct buf){.max = max};
}

void buf_reset(struct buf *buf) {
    buf->len = 0;
    buf->failed = false;
}

void buf_free(struct buf *buf) {
    free(buf->data);
    buf_init(buf, buf->max);
}

/* Drops half-written contents, so that they cannot be sent by mistake. */
static bool fail(struct buf *buf) {
    buf->failed = true;
    buf->len = 0;
    return false;
}

/* Makes room for `more` bytes and a closing NUL, or fails for good. */
static bool reserve(struct buf *buf, size_t more) {
    if (buf->failed) return false;
    if (more > buf->max || buf->len > buf->max - more) return fail(buf);
    size_t need = buf->len + more + 1;
    if (need <= buf->cap) return true;
    size_t cap = buf->cap ? buf->cap : 256;
    while (cap < need) cap *= 2; /* need <= max + 1, so this cannot overflow */
    char *data = realloc(buf->data, cap);
    if (!data) return fail(buf);
    buf->data = data;
    buf->cap = cap;
    return true;
}

void buf_put(struct buf *buf, const void *bytes, size_t len) {
    if (len == 0 || !reserve(buf, len)) return;
    memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
}

void buf_put_char(struct buf *buf, char c) {
    buf_put(buf, &c, 1);
}

void buf_put_text(struct buf *buf, const char *text) {
    buf_put(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || !reserve(buf, (size_t)len)) return;
    va_start(args, format);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

const char *buf_text(struct buf *buf) {
    if (buf->failed || buf->len == 0) return "";
    buf->data[buf->len] = '\0'; /* reserve() always leaves this byte */
    return buf->data;
}

struct slice buf_slice(struct buf *buf) {
    return (struct slice){buf_text(buf), buf->len};
}
