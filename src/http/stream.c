/* Sends answers of any length: see stream.h. */
#include "http/stream.h"

#include <string.h>

void stream_open(struct stream *stream, struct request *request, const struct response *head) {
    stream->request = request;
    stream->len = 0;
    stream->failed = !response_send(request, head);
}

static void flush(struct stream *stream) {
    if (stream->failed || stream->len == 0) return;
    stream->failed = !response_put(stream->request, stream->block, stream->len);
    stream->len = 0;
}

void stream_put(struct stream *stream, const char *bytes, size_t len) {
    while (len > 0 && !stream->failed) {
        size_t piece = STREAM_BLOCK - stream->len;
        if (piece > len) piece = len;
        memcpy(stream->block + stream->len, bytes, piece);
        stream->len += piece;
        bytes += piece;
        len -= piece;
        if (stream->len == STREAM_BLOCK) flush(stream);
    }
}

bool stream_finish(struct stream *stream) {
    flush(stream);
    if (stream->failed) stream_abort(stream);
    return !stream->failed;
}

void stream_abort(struct stream *stream) {
    stream->failed = true;
    response_abort(stream->request);
}
