/* Compresses what goes to a sink, as one member of gzip (RFC 1952). */
#ifndef PGCOCO_BASE_GZIP_SINK_H
#define PGCOCO_BASE_GZIP_SINK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/sink.h"

struct gzip_sink {
    struct sink sink; /* takes the bytes to be compressed */
    const struct sink *next;
    void *state; /* zlib's; NULL: not open */
};

/* next must outlive *gzip, which must stay where it is. ERR_BUSY when out of memory. The caller
 * closes it in any case. */
bool gzip_sink_open(struct gzip_sink *gzip, const struct sink *next, struct err *err);
void gzip_sink_close(struct gzip_sink *gzip);

/* Ends the member: without it the text is cut off. */
bool gzip_sink_finish(struct gzip_sink *gzip, struct err *err);

#endif
