/*
 * The body of a request as a reader. Bytes are passed on as they arrive. The end is verified (by
 * length, and by the end that FastCGI marks); size and slowness are limited.
 */
#ifndef PGCOCO_HTTP_BODY_H
#define PGCOCO_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"
#include "http/rate.h"
#include "http/request.h"

enum {
    BODY_PREFETCH = 64 * 1024
};

struct body {
    struct reader reader; /* gives the bytes of the body */
    struct request *request;
    struct body_limits limits;
    bool encoded; /* Content-Encoding is gzip or zstd: use a decoder */
    bool has_length;
    uint64_t length;
    uint64_t received;
    char *prefetched;
    size_t prefetched_len;
    size_t prefetched_used;
    bool ended;
    int64_t silent_ms; /* time spent waiting since the last byte */
    struct rate rate;
};

/* Starts without reading. Errors: ERR_LENGTH_REQUIRED (plain CGI without a length, and standard
 * input is not a file), ERR_BODY_TOO_LARGE (by Content-Length), ERR_UNSUPPORTED_MEDIA_TYPE
 * (Content-Encoding other than gzip and zstd), ERR_BAD_REQUEST. Call body_close in any case. */
bool body_open(struct body *body, struct request *request, const struct body_limits *limits,
               struct err *err);
void body_close(struct body *body);

/* Reads the first 64 KiB, or the whole body if it is shorter, into memory. What the body is, is
 * found in them. Waits with plain CGI only; otherwise the gate has waited. */
bool body_prefetch(struct body *body, struct err *err);

#endif
