/*
 * An answer that is made while it is sent: of any length, in constant memory, to a client that must
 * not be too slow, for something waits meanwhile.
 */
#ifndef PGCOCO_HTTP_STREAM_H
#define PGCOCO_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "http/body.h"
#include "http/rate.h"
#include "http/request.h"
#include "http/response.h"

enum {
    STREAM_BLOCK = 64 * 1024
};

struct stream {
    struct request *request;
    const struct body_limits *limits; /* silence and rate, as of bodies */
    struct rate rate;
    bool failed; /* the client is gone, or too slow: puts do nothing any more */
    size_t len;
    char block[STREAM_BLOCK];
};

/* Sends the head; head->streamed is set. */
void stream_open(struct stream *stream, struct request *request, const struct response *head,
                 const struct body_limits *limits);

void stream_put(struct stream *stream, const char *bytes, size_t len);

/* Sends what is left. False when the client has not got all of it. */
bool stream_finish(struct stream *stream);

/* Ends it so that the client notices that something is missing. */
void stream_abort(struct stream *stream);

#endif
