/*
 * The body of a request as a reader: what arrived is handed on at once, its end is proven (length,
 * error code of the FastCGI stream), its size and its slowness are limited.
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

struct body_limits {
    uint64_t max_bytes; /* 0: no limit */
    unsigned silence_s; /* seconds without a byte */
    unsigned min_rate;  /* bytes a second, over RATE_WINDOW_S of reading; 0: no limit */
};

enum {
    BODY_PREFETCH = 64 * 1024
};

struct body {
    struct reader reader; /* what the next station reads from */
    struct request *request;
    struct body_limits limits;
    bool encoded; /* gzip or zstd, as a decoder reads it */
    bool has_length;
    uint64_t length;
    uint64_t received;
    char *prefetched;
    size_t prefetched_len;
    size_t prefetched_used;
    bool ended;
    struct rate rate;
};

/* Errors: ERR_LENGTH_REQUIRED (plain CGI, no length and standard input is no file),
 * ERR_BODY_TOO_LARGE by its length, ERR_UNSUPPORTED_MEDIA_TYPE for a Content-Encoding other than
 * gzip and zstd, ERR_BAD_REQUEST. Call body_close in any case. */
bool body_open(struct body *body, struct request *request, const struct body_limits *limits,
               struct err *err);
void body_close(struct body *body);

/* Reads the first 64 KiB, or all there is, into memory: a slow client has used nothing but a
 * thread until it has sent that much. */
bool body_prefetch(struct body *body, struct err *err);

#endif
