/* Compresses to gzip: see gzip_sink.h. */
#include "base/gzip_sink.h"

#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST /* makes zlib declare its input const */
#include <zlib.h>

enum {
    LEVEL = 6,
    MEMORY = 8,       /* zlib's default */
    GZIP_FORMAT = 16, /* added to the window bits: gzip instead of zlib */
    OUTPUT_ROOM = 16 * 1024
};

/* Compresses the input of z and passes the output on. flush: Z_NO_FLUSH or Z_FINISH. */
static bool deflate_all(struct gzip_sink *gzip, int flush, struct err *err) {
    z_stream *z = gzip->state;
    unsigned char output[OUTPUT_ROOM];
    do {
        z->next_out = output;
        z->avail_out = sizeof output;
        int result = deflate(z, flush);
        if (result == Z_STREAM_ERROR) {
            return err_set(err, ERR_INTERNAL, "the output cannot be compressed");
        }
        size_t len = sizeof output - z->avail_out;
        if (len > 0 && !sink_put(gzip->next, (const char *)output, len, err)) return false;
    } while (z->avail_out == 0);
    return true;
}

static bool put(void *self, const char *bytes, size_t len, struct err *err) {
    struct gzip_sink *gzip = self;
    z_stream *z = gzip->state;
    while (len > 0) {
        uInt piece = len < UINT_MAX ? (uInt)len : UINT_MAX;
        z->next_in = (const unsigned char *)bytes;
        z->avail_in = piece;
        if (!deflate_all(gzip, Z_NO_FLUSH, err)) return false;
        bytes += piece;
        len -= piece;
    }
    return true;
}

bool gzip_sink_open(struct gzip_sink *gzip, const struct sink *next, struct err *err) {
    *gzip = (struct gzip_sink){.next = next};
    gzip->sink = (struct sink){.put = put, .self = gzip};
    gzip->state = calloc(1, sizeof(z_stream));
    if (gzip->state && deflateInit2(gzip->state, LEVEL, Z_DEFLATED, MAX_WBITS + GZIP_FORMAT, MEMORY,
                                    Z_DEFAULT_STRATEGY) == Z_OK) {
        return true;
    }
    free(gzip->state);
    gzip->state = NULL;
    return err_set(err, ERR_BUSY, "out of memory for compression");
}

void gzip_sink_close(struct gzip_sink *gzip) {
    if (gzip->state) deflateEnd(gzip->state);
    free(gzip->state);
    gzip->state = NULL;
}

bool gzip_sink_finish(struct gzip_sink *gzip, struct err *err) {
    return deflate_all(gzip, Z_FINISH, err);
}
