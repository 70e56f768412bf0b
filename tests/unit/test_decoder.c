/* What is damaged gives the bytes before the damage and then its error, wherever it is cut. */
#include "base/decoder.h"

#include <stdlib.h>
#define ZLIB_CONST /* input that zlib does not change */
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "source.h"

enum {
    PLAIN = 300 * 1000, /* bytes: several blocks of zstd */
    PACKED = PLAIN + 10000
};

struct outcome {
    struct buf bytes;
    enum err_code code;
};

static void decode(const char *packed, size_t len, size_t chunk, size_t room, uint64_t max_bytes,
                   struct outcome *outcome) {
    static char bytes[PLAIN];
    struct source source;
    struct decoder decoder;
    struct err err = {.code = ERR_NONE};
    ssize_t got;
    source_init(&source, packed, len, chunk, chunk);
    buf_init(&outcome->bytes, (size_t)2 * PLAIN);
    decoder_open(&decoder, &source.reader, max_bytes);
    while ((got = reader_read(&decoder.reader, bytes, room, &err)) > 0) {
        buf_put(&outcome->bytes, bytes, (size_t)got);
    }
    outcome->code = err.code;
    decoder_close(&decoder);
}

/* Decodes in several ways; *due is how it came out in one piece. */
static void assert_same_in_pieces(const char *packed, size_t len, uint64_t max_bytes,
                                  struct outcome *due) {
    static const size_t sizes[][2] = {{1, PLAIN}, {PACKED, 1000}, {1000, 7}, {65537, 4096}};
    decode(packed, len, PACKED, PLAIN, max_bytes, due);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct outcome pieces;
        decode(packed, len, sizes[i][0], sizes[i][1], max_bytes, &pieces);
        assert_int_equal(pieces.code, due->code);
        assert_int_equal(pieces.bytes.len, due->bytes.len);
        assert_memory_equal(pieces.bytes.data, due->bytes.data, due->bytes.len);
        buf_free(&pieces.bytes);
    }
}

static void make_plain(char *plain) {
    uint64_t seed = 3;
    for (size_t i = 0; i < PLAIN; i++) plain[i] = (char)('0' + random_below(&seed, 10));
}

static size_t pack_gzip(const char *plain, char *packed) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (const unsigned char *)plain;
    z.avail_in = PLAIN;
    z.next_out = (unsigned char *)packed;
    z.avail_out = PACKED;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t len = PACKED - z.avail_out;
    deflateEnd(&z);
    return len;
}

static size_t pack_zstd(const char *plain, char *packed) {
    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
    size_t len = ZSTD_compress2(context, packed, PACKED, plain, PLAIN);
    assert_false(ZSTD_isError(len));
    ZSTD_freeCCtx(context);
    return len;
}

/* offset: of the damaged byte; from the end if negative. */
static void assert_damage(size_t (*pack)(const char *, char *), long offset, size_t least) {
    char *plain = malloc(PLAIN);
    char *packed = malloc(PACKED);
    struct outcome due;
    assert_true(plain && packed);
    make_plain(plain);
    size_t len = pack(plain, packed);
    size_t place = offset < 0 ? len - (size_t)-offset : (size_t)offset;
    packed[place] = (char)(packed[place] ^ 0xff);
    assert_same_in_pieces(packed, len, 0, &due);
    assert_int_equal(due.code, ERR_BAD_COMPRESSION);
    assert_true(due.bytes.len >= least);
    assert_memory_equal(due.bytes.data, plain, least);
    buf_free(&due.bytes);
    free(plain);
    free(packed);
}

static void the_text_before_a_wrong_checksum_is_given(void **state) {
    (void)state;
    assert_damage(pack_gzip, -6, PLAIN);
    assert_damage(pack_zstd, -2, PLAIN);
}

static void the_text_before_a_damaged_block_is_given(void **state) {
    (void)state;
    assert_damage(pack_gzip, 60000, 100000);
    assert_damage(pack_zstd, -1000, 128 * 1024);
}

/* Frames of RFC 8878, written by hand: uncompressed blocks, and then what is wrong. */
static void the_text_before_a_fault_between_blocks_is_given(void **state) {
    (void)state;
    static const struct {
        const char *packed;
        size_t len;
        size_t given;
    } cases[] = {
        /* a block of 14 bytes; a block of a type that does not exist */
        {"\x28\xb5\x2f\xfd\0\0\x70\0\0"
         "0123456789abcd"
         "\x06\0\0",
         26, 14},
        /* the last block has 2 bytes, where the header has said 270 */
        {"\x28\xb5\x2f\xfd\x60\x0e\0\x11\0\0"
         "01",
         12, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome due;
        assert_same_in_pieces(cases[i].packed, cases[i].len, 0, &due);
        assert_int_equal(due.code, ERR_BAD_COMPRESSION);
        assert_int_equal(due.bytes.len, cases[i].given);
        buf_free(&due.bytes);
    }
}

static void no_more_is_given_than_the_limit(void **state) {
    (void)state;
    char *plain = malloc(PLAIN);
    char *packed = malloc(PACKED);
    assert_true(plain && packed);
    make_plain(plain);
    for (int i = 0; i < 2; i++) {
        struct outcome due;
        size_t len = (i ? pack_gzip : pack_zstd)(plain, packed);
        assert_same_in_pieces(packed, len, PLAIN - 1, &due);
        assert_int_equal(due.code, ERR_BODY_TOO_LARGE);
        assert_int_equal(due.bytes.len, PLAIN - 1);
        buf_free(&due.bytes);
        assert_same_in_pieces(packed, len, PLAIN, &due);
        assert_int_equal(due.code, ERR_NONE);
        assert_int_equal(due.bytes.len, PLAIN);
        buf_free(&due.bytes);
    }
    free(plain);
    free(packed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_before_a_wrong_checksum_is_given),
        cmocka_unit_test(the_text_before_a_damaged_block_is_given),
        cmocka_unit_test(the_text_before_a_fault_between_blocks_is_given),
        cmocka_unit_test(no_more_is_given_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
