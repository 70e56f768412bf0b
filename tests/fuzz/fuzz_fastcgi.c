/*
 * Records give the same parameters, body and replies, or are broken at the same place, however they
 * arrive. A request that a web server writes comes out as it went in.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "http/fastcgi.h"

enum {
    INPUT_MAX = 4096,
    SPLITS = 8,
    PAIRS = 8,
    SEEN_MAX = 256 * 1024
};

/* What came: 'P' and the parameters, 'B' before each run of the body, 'E' its end, 'A' aborted, 'X'
 * broken; then the replies. */
struct outcome {
    struct buf seen;
    bool in_body;
};

static void put_mark(struct outcome *outcome, char mark) {
    bool goes_on = mark == 'B' && outcome->in_body;
    outcome->in_body = mark == 'B';
    if (!goes_on) buf_put_char(&outcome->seen, mark);
}

/* Takes the events of one piece of the input. False if the connection is broken. */
static bool take_piece(struct fastcgi *fastcgi, struct slice input, struct outcome *outcome) {
    for (;;) {
        struct slice body = {NULL, 0};
        struct slice before = input;
        enum fastcgi_event event = fastcgi_next(fastcgi, &input, &body);
        fuzz_require(input.data >= before.data && input.len <= before.len);
        fuzz_require(fastcgi->params.len <= FASTCGI_PARAMS_MAX);
        fuzz_require(fastcgi->replies.len <= FASTCGI_REPLIES_MAX);
        switch (event) {
        case FASTCGI_WAIT:
            fuzz_require(input.len == 0);
            return true;
        case FASTCGI_PARAMS:
            put_mark(outcome, 'P');
            buf_put(&outcome->seen, fastcgi->params.data, fastcgi->params.len);
            break;
        case FASTCGI_BODY:
            fuzz_require(body.len > 0 && body.data >= before.data);
            fuzz_require(body.data + body.len <= before.data + before.len);
            put_mark(outcome, 'B');
            buf_put(&outcome->seen, body.data, body.len);
            break;
        case FASTCGI_BODY_END:
            put_mark(outcome, 'E');
            break;
        case FASTCGI_ABORTED:
            put_mark(outcome, 'A');
            break;
        case FASTCGI_BROKEN:
            put_mark(outcome, 'X');
            return false;
        }
    }
}

/* first and chunk: bytes of the first piece and of the others. Each is a copy of its own, so that
 * reading beyond it is noticed. */
static void read_in(const uint8_t *data, size_t size, size_t first, size_t chunk,
                    struct outcome *outcome) {
    struct fastcgi fastcgi;
    bool good = true;
    *outcome = (struct outcome){.in_body = false};
    buf_init(&outcome->seen, SEEN_MAX);
    fastcgi_init(&fastcgi);
    for (size_t at = 0; good && at < size;) {
        size_t len = at == 0 ? first : chunk;
        if (len > size - at) len = size - at;
        fuzz_require(len > 0);
        char *piece = malloc(len);
        fuzz_require(piece);
        memcpy(piece, data + at, len);
        good = take_piece(&fastcgi, (struct slice){piece, len}, outcome);
        free(piece);
        at += len;
    }
    buf_put(&outcome->seen, "|", 1);
    if (good) buf_put(&outcome->seen, fastcgi.replies.data, fastcgi.replies.len);
    fuzz_require(!outcome->seen.failed);
    fastcgi_free(&fastcgi);
}

static void require_same(const struct buf *a, const struct buf *b) {
    fuzz_require(a->len == b->len && memcmp(a->data, b->data, a->len) == 0);
}

static void compare_splits(const uint8_t *data, size_t size, uint64_t *seed) {
    struct outcome whole;
    read_in(data, size, size, size, &whole);
    for (int i = 0; i < SPLITS; i++) {
        struct outcome pieces;
        size_t chunk = i == 0 ? 1 : 1 + random_below(seed, i % 2 ? 16 : size);
        read_in(data, size, 1 + random_below(seed, size), chunk, &pieces);
        require_same(&whole.seen, &pieces.seen);
        buf_free(&pieces.seen);
    }
    buf_free(&whole.seen);
}

/* ---- a request ------------------------------------------------------------------------------ */

/* Writes a stream in records of any length, with padding, and its end. */
static void put_stream(struct buf *into, unsigned char type, struct slice content, uint64_t *seed) {
    size_t at = 0;
    size_t len;
    do {
        size_t left = content.len - at;
        size_t padding = random_below(seed, 9);
        len = left ? 1 + random_below(seed, left) : 0;
        const unsigned char head[] = {
            1, type, 0, 1, (unsigned char)(len >> 8), (unsigned char)len, (unsigned char)padding,
            0};
        buf_put(into, head, sizeof head);
        if (len) buf_put(into, content.data + at, len);
        buf_put(into, "paddings", padding);
        at += len;
    } while (len);
}

static void put_length(struct buf *into, size_t len, bool is_long) {
    const unsigned char bytes[] = {0x80, 0, (unsigned char)(len >> 8), (unsigned char)len};
    if (is_long || len > 127) {
        buf_put(into, bytes, 4);
    } else {
        buf_put_char(into, (char)len);
    }
}

/* Text of any length without NUL. */
static size_t take_text(struct fuzz_input *input, char *text, size_t room) {
    size_t len = 0;
    size_t wanted = fuzz_take(input) % room;
    while (len < wanted && input->size > 0) {
        char c = (char)fuzz_take(input);
        text[len++] = (char)(c ? c : ' ');
    }
    text[len] = '\0';
    return len;
}

/* Pairs as they are sent, and as the parameters hold them. */
static void take_pairs(struct fuzz_input *input, struct buf *sent, struct buf *due) {
    size_t count = fuzz_take(input) % PAIRS;
    for (size_t i = 0; i < count; i++) {
        char name[100];
        char value[200];
        size_t name_len = take_text(input, name, sizeof name);
        size_t value_len = take_text(input, value, sizeof value);
        put_length(sent, name_len, fuzz_take(input) & 1);
        put_length(sent, value_len, fuzz_take(input) & 1);
        buf_put(sent, name, name_len);
        buf_put(sent, value, value_len);
        buf_put(due, name, name_len + 1);
        buf_put(due, value, value_len + 1);
    }
}

static void check_request(struct fuzz_input input, uint64_t *seed) {
    static const unsigned char begin[] = {1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    struct buf records;
    struct buf pairs;
    struct buf due;
    struct outcome outcome;
    buf_init(&records, SEEN_MAX);
    buf_init(&pairs, SEEN_MAX);
    buf_init(&due, SEEN_MAX);
    buf_put(&records, begin, sizeof begin);
    buf_put_char(&due, 'P');
    take_pairs(&input, &pairs, &due);
    put_stream(&records, 4, buf_slice(&pairs), seed);
    struct slice body = {(const char *)input.data, input.size};
    put_stream(&records, 5, body, seed);
    if (body.len) buf_put_char(&due, 'B');
    if (body.len) buf_put(&due, body.data, body.len);
    buf_put_text(&due, "E|");
    fuzz_require(!records.failed && !due.failed);
    size_t chunk = 1 + random_below(seed, records.len);
    read_in((const uint8_t *)records.data, records.len, chunk, chunk, &outcome);
    require_same(&outcome.seen, &due);
    buf_free(&outcome.seen);
    buf_free(&records);
    buf_free(&pairs);
    buf_free(&due);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t seed = fuzz_seed(data, size);
    if (size == 0 || size > INPUT_MAX) return 0;
    compare_splits(data, size, &seed);
    check_request((struct fuzz_input){data, size}, &seed);
    return 0;
}
