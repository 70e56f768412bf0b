/* A streamed answer: any length, constant memory. */
#ifndef PGCOCO_HTTP_STREAM_H
#define PGCOCO_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "http/request.h"
#include "http/response.h"

enum {
    STREAM_BLOCK = 64 * 1024 /* bytes */
};

struct stream {
    struct request *request;
    bool failed; /* the client is gone or too slow; puts do nothing */
    size_t len;
    char block[STREAM_BLOCK];
};

/* Sends the head; head->streamed must be set. */
void stream_open(struct stream *stream, struct request *request, const struct response *head);

void stream_put(struct stream *stream, const char *bytes, size_t len);

/* Sends the rest. False if the client has not received all of the answer. */
bool stream_finish(struct stream *stream);

/* Breaks off, so that the client notices that something is missing. */
void stream_abort(struct stream *stream);

#endif
