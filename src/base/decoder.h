/*
 * Unpacks a source: gzip (RFC 1952) and zstd (RFC 8878), told by their first bytes; anything else
 * passes as it is. Members and frames that follow one another are one text. Memory is bounded, and
 * so is what a small body may unpack to.
 */
#ifndef PGCOCO_BASE_DECODER_H
#define PGCOCO_BASE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"

enum {
    DECODER_RATIO_MAX = 200,               /* bytes out for a byte in, */
    DECODER_RATIO_FROM = 64 * 1024 * 1024, /* once so many have come out */
    DECODER_ZSTD_WINDOW_LOG = 23           /* 8 MiB, what levels up to 19 use */
};

enum decoder_kind {
    DECODER_UNKNOWN, /* its first bytes have not been seen */
    DECODER_IDENTITY,
    DECODER_GZIP,
    DECODER_ZSTD
};

struct decoder {
    struct reader reader; /* what the next station reads from */
    const struct reader *source;
    enum decoder_kind kind;
    uint64_t max_bytes; /* decoded; 0: no limit */
    uint64_t taken;     /* bytes of the source, and of what it unpacked to */
    uint64_t given;
    char *input; /* bytes of the source not decoded yet; NULL before the first read */
    size_t input_len;
    size_t input_used;
    bool only_plain; /* set by the caller: the source is unpacked already, refuse another layer */
    bool source_ended;
    bool between; /* a member or frame has ended and no other begun */
    void *state;  /* of the library */
};

/* Reads nothing yet. source must outlive *decoder. Call decoder_close in any case. The reader fails
 * with ERR_BAD_COMPRESSION, ERR_UNSUPPORTED_MEDIA_TYPE when it is compressed in spite of
 * only_plain, ERR_TRUNCATED when the source ends inside a member or frame, ERR_BODY_TOO_LARGE when
 * it unpacks to too much, ERR_BUSY, or what the source said. */
void decoder_open(struct decoder *decoder, const struct reader *source, uint64_t max_bytes);
void decoder_close(struct decoder *decoder);

#endif
