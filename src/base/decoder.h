/*
 * Decompresses a source: gzip (RFC 1952) and zstd (RFC 8878), recognized by their first bytes;
 * anything else passes through. Consecutive members or frames are one text. Memory is bounded, and
 * so is the size to which a small body may decompress.
 */
#ifndef PGCOCO_BASE_DECODER_H
#define PGCOCO_BASE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"

enum {
    DECODER_RATIO_MAX = 50,                /* bytes out per byte in, */
    DECODER_RATIO_FROM = 16 * 1024 * 1024, /* checked after so many bytes out */
    DECODER_ZSTD_WINDOW_LOG = 23           /* 8 MiB, the largest of levels up to 19 */
};

enum decoder_kind {
    DECODER_UNKNOWN, /* its first bytes have not been read */
    DECODER_IDENTITY,
    DECODER_GZIP,
    DECODER_ZSTD
};

struct decoder {
    struct reader reader; /* gives the decompressed bytes */
    const struct reader *source;
    enum decoder_kind kind;
    uint64_t max_bytes; /* limit of decompressed bytes; 0: none */
    uint64_t taken;     /* bytes read from the source */
    uint64_t given;     /* bytes decompressed */
    char *input;        /* bytes of the source; NULL before the first read */
    size_t input_len;
    size_t input_used;
    bool only_plain; /* set by the caller to refuse compressed sources */
    bool source_ended;
    bool between; /* not inside of a member or frame */
    void *state;  /* owned by zlib or zstd */
    size_t asked; /* bytes that zstd wants next */
    bool is_full; /* zstd has filled the room, and may hold more text */
    bool failed;
    struct err failure; /* reported when the bytes before it have been given */
};

/* Starts without reading. source must outlive *decoder. Call decoder_close in any case. The reader
 * gives all bytes before a fault, however the source cuts its own, and then fails with
 * ERR_BAD_COMPRESSION; ERR_UNSUPPORTED_MEDIA_TYPE if the source is compressed in spite of
 * only_plain; ERR_TRUNCATED if it ends inside a member or frame; ERR_BODY_TOO_LARGE if it
 * decompresses to too many bytes; ERR_BUSY; or with the error of the source. */
void decoder_open(struct decoder *decoder, const struct reader *source, uint64_t max_bytes);
void decoder_close(struct decoder *decoder);

#endif
