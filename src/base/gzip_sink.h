/* Compresses bytes to one gzip member (RFC 1952) and writes it to another sink. */
#ifndef PGCOCO_BASE_GZIP_SINK_H
#define PGCOCO_BASE_GZIP_SINK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/sink.h"

struct gzip_sink {
    struct sink sink; /* takes uncompressed bytes */
    const struct sink *next;
    void *state; /* owned by zlib; NULL if not open */
};

/* next must outlive *gzip, which must not move. ERR_BUSY if there is no memory. Call
 * gzip_sink_close in any case. */
bool gzip_sink_open(struct gzip_sink *gzip, const struct sink *next, struct err *err);
void gzip_sink_close(struct gzip_sink *gzip);

/* Ends the member. Without it the output is truncated. */
bool gzip_sink_finish(struct gzip_sink *gzip, struct err *err);

#endif
