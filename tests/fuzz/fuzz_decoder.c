/*
 * A compressed source gives the same bytes, and then the same error, however it arrives and however
 * much is read at a time. What zlib and zstd compress comes out again.
 */
#include "fuzz.h"

#define ZLIB_CONST /* input that zlib does not change */
#include <zlib.h>
#include <zstd.h>

#include "../unit/source.h"
#include "base/buf.h"
#include "base/decoder.h"

enum {
    OUT_MAX = 64 * 1024, /* bytes, the limit of the decoder */
    PACKED_MAX = 64 * 1024,
    WHOLE = 16 * 1024,
    SPLITS = 12
};

struct outcome {
    struct buf bytes;
    enum err_code code;
};

static void decode(struct source *source, size_t room, struct outcome *outcome) {
    struct decoder decoder;
    struct err err = {.code = ERR_NONE};
    char bytes[WHOLE];
    ssize_t len;
    buf_init(&outcome->bytes, (size_t)2 * OUT_MAX);
    decoder_open(&decoder, &source->reader, OUT_MAX);
    while ((len = reader_read(&decoder.reader, bytes, room, &err)) > 0) {
        fuzz_require((size_t)len <= room);
        buf_put(&outcome->bytes, bytes, (size_t)len);
    }
    outcome->code = err.code;
    fuzz_require((len < 0) == (err.code != ERR_NONE));
    fuzz_require(decoder.kind == DECODER_IDENTITY || outcome->bytes.len <= OUT_MAX);
    decoder_close(&decoder);
}

static size_t any_size(uint64_t *seed) {
    static const size_t sizes[] = {1, 2, 3, 4, 5, 16, 100, 1000, WHOLE};
    return sizes[random_below(seed, sizeof sizes / sizeof *sizes)];
}

static void compare_splits(const char *text, size_t size, uint64_t *seed) {
    struct source source;
    struct outcome whole;
    source_init(&source, text, size, WHOLE, WHOLE);
    decode(&source, WHOLE, &whole);
    for (int i = 0; i < SPLITS; i++) {
        struct outcome pieces;
        size_t first = i % 2 ? any_size(seed) : 1 + random_below(seed, size + 1);
        source_init(&source, text, size, first, any_size(seed));
        decode(&source, any_size(seed), &pieces);
        fuzz_require(pieces.code == whole.code);
        fuzz_require(pieces.bytes.len == whole.bytes.len);
        fuzz_require(whole.bytes.len == 0 ||
                     memcmp(pieces.bytes.data, whole.bytes.data, whole.bytes.len) == 0);
        buf_free(&pieces.bytes);
    }
    buf_free(&whole.bytes);
}

static size_t pack_gzip(const uint8_t *data, size_t size, uint8_t *into) {
    z_stream z = {0};
    fuzz_require(deflateInit2(&z, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = data;
    z.avail_in = (uInt)size;
    z.next_out = into;
    z.avail_out = PACKED_MAX;
    fuzz_require(deflate(&z, Z_FINISH) == Z_STREAM_END);
    size_t len = PACKED_MAX - z.avail_out;
    deflateEnd(&z);
    return len;
}

static size_t pack_zstd(const uint8_t *data, size_t size, uint8_t *into) {
    size_t len = ZSTD_compress(into, PACKED_MAX, data, size, 1);
    fuzz_require(!ZSTD_isError(len));
    return len;
}

/* Packs the input in two members, or frames. */
static void unpack_again(const uint8_t *data, size_t size, uint64_t *seed) {
    static uint8_t packed[2 * PACKED_MAX];
    size_t (*pack)(const uint8_t *, size_t, uint8_t *) =
        random_below(seed, 2) ? pack_gzip : pack_zstd;
    struct source source;
    struct outcome outcome;
    size_t half = random_below(seed, size + 1);
    size_t len = pack(data, half, packed);
    len += pack(data + half, size - half, packed + len);
    source_init(&source, (const char *)packed, len, any_size(seed), any_size(seed));
    decode(&source, any_size(seed), &outcome);
    fuzz_require(outcome.code == ERR_NONE && outcome.bytes.len == size);
    fuzz_require(size == 0 || memcmp(outcome.bytes.data, data, size) == 0);
    buf_free(&outcome.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t seed = fuzz_seed(data, size);
    if (size > WHOLE) return 0;
    compare_splits((const char *)data, size, &seed);
    unpack_again(data, size, &seed);
    return 0;
}
