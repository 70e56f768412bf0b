/* Decompresses a source: see decoder.h. */
#include "base/decoder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    INPUT_ROOM = 64 * 1024,
    MAGIC_LEN = 4,
    ZSTD_FRAME_HEADER = 5, /* bytes that hold no block: a header has at least 6 */
    ZSTD_BLOCK_HEADER = 3
};

static ssize_t read_decoded(void *self, char *into, size_t room, struct err *err);

void decoder_open(struct decoder *decoder, const struct reader *source, uint64_t max_bytes) {
    *decoder = (struct decoder){.source = source, .max_bytes = max_bytes, .between = true};
    decoder->reader = (struct reader){.read = read_decoded, .self = decoder};
}

void decoder_close(struct decoder *decoder) {
    if (decoder->state && decoder->kind == DECODER_GZIP) {
        inflateEnd(decoder->state);
        free(decoder->state);
    } else if (decoder->state && decoder->kind == DECODER_ZSTD) {
        ZSTD_freeDStream(decoder->state);
    }
    free(decoder->input);
    decoder->state = NULL;
    decoder->input = NULL;
}

/* ---- recognizing the format -------------------------------------------------------------- */

static bool fill_input(struct decoder *decoder, struct err *err) {
    ssize_t len = reader_read(decoder->source, decoder->input + decoder->input_len,
                              INPUT_ROOM - decoder->input_len, err);
    if (len < 0) return false;
    decoder->source_ended = len == 0;
    decoder->input_len += (size_t)len;
    decoder->taken += (uint64_t)len;
    return true;
}

static bool begins_with(const struct decoder *decoder, const char *magic, size_t len) {
    return decoder->input_len >= len && memcmp(decoder->input, magic, len) == 0;
}

/* True for a skippable zstd frame, which pzstd files begin with (RFC 8878 section 3.1.2). */
static bool begins_skippable(const struct decoder *decoder) {
    return decoder->input_len >= MAGIC_LEN && (decoder->input[0] & 0xf0) == 0x50 &&
           memcmp(decoder->input + 1, "\x2a\x4d\x18", 3) == 0;
}

static bool start_gzip(struct decoder *decoder) {
    decoder->kind = DECODER_GZIP;
    decoder->state = calloc(1, sizeof(z_stream));
    if (!decoder->state) return false;
    if (inflateInit2(decoder->state, MAX_WBITS + 16) == Z_OK)
        return true; /* + 16: gzip only, not zlib */
    free(decoder->state);
    decoder->state = NULL;
    return false;
}

static bool start_zstd(struct decoder *decoder) {
    decoder->kind = DECODER_ZSTD;
    decoder->state = ZSTD_createDStream();
    return decoder->state && !ZSTD_isError(ZSTD_DCtx_setParameter(
                                 decoder->state, ZSTD_d_windowLogMax, DECODER_ZSTD_WINDOW_LOG));
}

static bool recognize(struct decoder *decoder, struct err *err) {
    decoder->input = calloc(1, INPUT_ROOM);
    if (!decoder->input) return err_set(err, ERR_BUSY, "out of memory");
    while (decoder->input_len < MAGIC_LEN && !decoder->source_ended) {
        if (!fill_input(decoder, err)) return false;
    }
    bool gzip = begins_with(decoder, "\x1f\x8b", 2);
    bool zstd = begins_with(decoder, "\x28\xb5\x2f\xfd", 4) || begins_skippable(decoder);
    if ((gzip || zstd) && decoder->only_plain) {
        return err_set(err, ERR_UNSUPPORTED_MEDIA_TYPE,
                       "the file is compressed twice; compress it once");
    }
    if (!gzip && !zstd) decoder->kind = DECODER_IDENTITY;
    bool good =
        decoder->kind == DECODER_IDENTITY || (gzip ? start_gzip(decoder) : start_zstd(decoder));
    return good || err_set(err, ERR_BUSY, "out of memory for a compressed body");
}

/* ---- decoding ---------------------------------------------------------------------------- */

static bool broken(struct decoder *decoder, const char *what, struct err *err) {
    return err_set(err, ERR_BAD_COMPRESSION,
                   "the %s stream is damaged near its byte %" PRIu64
                   "%s%s; compress the file again",
                   decoder->kind == DECODER_GZIP ? "gzip" : "zstd",
                   decoder->taken - (decoder->input_len - decoder->input_used), what ? ": " : "",
                   what ? what : "");
}

/* Decodes some of the input, at most `room` bytes; *len tells how many. */
static bool inflate_some(struct decoder *decoder, char *into, size_t room, size_t *len,
                         struct err *err) {
    z_stream *z = decoder->state; /* not NULL: see read_decoded */
    if (decoder->between && inflateReset(z) != Z_OK) return broken(decoder, NULL, err);
    z->next_in = (unsigned char *)decoder->input + decoder->input_used;
    z->avail_in = (uInt)(decoder->input_len - decoder->input_used);
    z->next_out = (unsigned char *)into;
    z->avail_out = room < UINT32_MAX ? (uInt)room : UINT32_MAX;
    uInt asked = z->avail_out;
    int result = inflate(z, Z_NO_FLUSH);
    decoder->input_used = decoder->input_len - z->avail_in;
    *len = asked - z->avail_out;
    decoder->between = result == Z_STREAM_END;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return true;
    return broken(decoder, z->msg, err);
}

/* Returns how many bytes zstd gets at a time: at most one block, and none while text of the block
 * before may be left, because it gives nothing of a call that ends in a fault. What it asks for
 * holds the header of the next block, too. */
static size_t next_piece(const struct decoder *decoder) {
    size_t most = decoder->between ? ZSTD_FRAME_HEADER : decoder->asked;
    if (decoder->is_full && !decoder->between) return 0;
    return most > ZSTD_BLOCK_HEADER ? most - ZSTD_BLOCK_HEADER : most;
}

static bool unzstd_some(struct decoder *decoder, char *into, size_t room, size_t *len,
                        struct err *err) {
    ZSTD_inBuffer in = {decoder->input, decoder->input_len, decoder->input_used};
    ZSTD_outBuffer out = {.size = room};
    size_t most = next_piece(decoder);
    if (in.size - in.pos > most) in.size = in.pos + most;
    out.dst = into;
    size_t result = ZSTD_decompressStream(decoder->state, &out, &in);
    decoder->input_used = in.pos;
    *len = out.pos;
    decoder->between = result == 0;
    decoder->asked = result;
    decoder->is_full = *len == room;
    if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge) {
        return err_set(
            err, ERR_BAD_COMPRESSION,
            "decompression needs a window of more than %d MiB; compress without --long and --ultra",
            1 << (DECODER_ZSTD_WINDOW_LOG - 20));
    }
    return !ZSTD_isError(result) || broken(decoder, ZSTD_getErrorName(result), err);
}

/* Shortens *len to what may still be given. */
static bool check_size(struct decoder *decoder, size_t *len, struct err *err) {
    uint64_t left = decoder->max_bytes ? decoder->max_bytes - decoder->given : UINT64_MAX;
    bool fits = *len <= left;
    if (!fits) *len = (size_t)left;
    decoder->given += *len;
    if (!fits) {
        return err_set(err, ERR_BODY_TOO_LARGE,
                       "the body decompresses to more than %" PRIu64
                       " bytes, the limit of this server",
                       decoder->max_bytes);
    }
    if (decoder->given > DECODER_RATIO_FROM &&
        decoder->given / DECODER_RATIO_MAX > decoder->taken) {
        return err_set(err, ERR_BODY_TOO_LARGE,
                       "the body decompresses to more than %d times its size; send it uncompressed",
                       DECODER_RATIO_MAX);
    }
    return true;
}

/* Gets more input, unless the source has ended: whole pieces for zstd, whatever comes for zlib. How
 * the source cuts its bytes then makes no difference. */
static bool refill(struct decoder *decoder, struct err *err) {
    size_t wanted = decoder->kind == DECODER_ZSTD ? next_piece(decoder) : 1;
    if (wanted > INPUT_ROOM) wanted = INPUT_ROOM;
    while (decoder->input_len - decoder->input_used < wanted && !decoder->source_ended) {
        decoder->input_len -= decoder->input_used;
        memmove(decoder->input, decoder->input + decoder->input_used, decoder->input_len);
        decoder->input_used = 0;
        if (!fill_input(decoder, err)) return false;
    }
    return true;
}

static ssize_t decode(struct decoder *decoder, char *into, size_t room, struct err *err) {
    while (!decoder->failed) {
        size_t len = 0;
        if (!refill(decoder, err)) return -1;
        bool no_more = decoder->source_ended && decoder->input_used == decoder->input_len;
        if (no_more && decoder->between) return 0;
        bool good = decoder->kind == DECODER_GZIP
                        ? inflate_some(decoder, into, room, &len, &decoder->failure)
                        : unzstd_some(decoder, into, room, &len, &decoder->failure);
        if (!check_size(decoder, &len, &decoder->failure)) good = false;
        decoder->failed = !good;
        if (len > 0) return (ssize_t)len;
        if (decoder->failed) break;
        if (no_more && !decoder->between) {
            err_set(err, ERR_TRUNCATED, "the compressed body ends in the middle; send all of it");
            return -1;
        }
    }
    *err = decoder->failure;
    return -1;
}

/* Passes the source through, starting with the bytes read to recognize the format. */
static ssize_t pass_on(struct decoder *decoder, char *into, size_t room, struct err *err) {
    size_t there = decoder->input_len - decoder->input_used;
    if (there == 0) {
        return decoder->source_ended ? 0 : reader_read(decoder->source, into, room, err);
    }
    if (there > room) there = room;
    memcpy(into, decoder->input + decoder->input_used, there);
    decoder->input_used += there;
    return (ssize_t)there;
}

static ssize_t read_decoded(void *self, char *into, size_t room, struct err *err) {
    struct decoder *decoder = self;
    if (decoder->kind == DECODER_UNKNOWN && !recognize(decoder, err)) return -1;
    if (decoder->kind == DECODER_IDENTITY) return pass_on(decoder, into, room, err);
    if (decoder->state) return decode(decoder, into, room, err);
    err_set(err, ERR_INTERNAL, "a decoder was read after it had failed");
    return -1;
}
