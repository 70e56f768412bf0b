/*
 * A form gives the same parts, or the same error, wherever its bytes are cut and however much is
 * read at a time.
 */
#include "fuzz.h"

#include "../unit/source.h"
#include "base/buf.h"
#include "http/multipart.h"

enum {
    FORM_MAX = 4096,
    ALL_CUTS = 256, /* bytes of a form that is cut at each of them */
    SOME_CUTS = 24, /* of a longer one */
    ROOM = 512
};

struct outcome {
    struct buf seen; /* the parts: name, file name, content, each with a NUL */
    bool taken;
    struct err err;
};

static bool put_content(struct multipart *form, size_t room, struct buf *into, struct err *err) {
    char bytes[ROOM];
    ssize_t len;
    while ((len = multipart_read(form, bytes, room, err)) > 0) {
        fuzz_require((size_t)len <= room);
        buf_put(into, bytes, (size_t)len);
    }
    return len == 0;
}

static bool read_form(const char *content_type, struct source *source, size_t room,
                      struct buf *into, struct err *err) {
    struct multipart form;
    struct multipart_part part;
    bool more;
    if (!multipart_open(&form, &source->reader, content_type, err)) return false;
    for (;;) {
        if (!multipart_next_part(&form, &part, &more, err)) return false;
        if (!more) break;
        fuzz_require(part.name[0] && strlen(part.name) <= MULTIPART_NAME_MAX);
        fuzz_require(strlen(part.filename) <= MULTIPART_FILENAME_MAX);
        buf_put(into, part.name, strlen(part.name) + 1);
        if (part.has_filename) buf_put(into, part.filename, strlen(part.filename) + 1);
        if (!put_content(&form, room, into, err)) return false;
        buf_put_char(into, '\0');
    }
    fuzz_require(source->ended);
    return true;
}

static void read_in(const char *content_type, struct source *source, size_t room,
                    struct outcome *outcome) {
    outcome->err = (struct err){.code = ERR_NONE};
    buf_init(&outcome->seen, (size_t)4 * FORM_MAX);
    outcome->taken = read_form(content_type, source, room, &outcome->seen, &outcome->err);
    fuzz_require(outcome->taken == (outcome->err.code == ERR_NONE));
    fuzz_require(!outcome->seen.failed);
}

/* The parts before an error may have been given in part. */
static void require_same(const struct outcome *a, const struct outcome *b) {
    fuzz_require(a->taken == b->taken);
    fuzz_require(a->err.code == b->err.code);
    fuzz_require(strcmp(a->err.message, b->err.message) == 0);
    fuzz_require(a->seen.len == b->seen.len);
    fuzz_require(a->seen.len == 0 || memcmp(a->seen.data, b->seen.data, a->seen.len) == 0);
}

static void compare(const struct outcome *whole, const char *content_type, struct source *source,
                    size_t room) {
    struct outcome pieces;
    read_in(content_type, source, room, &pieces);
    require_same(whole, &pieces);
    buf_free(&pieces.seen);
}

static void compare_cuts(const struct outcome *whole, const char *content_type, const char *form,
                         size_t len, uint64_t *seed) {
    static const size_t rooms[] = {1, 5, ROOM};
    struct source source;
    size_t cuts = len < ALL_CUTS ? len : SOME_CUTS;
    for (size_t i = 1; i <= cuts; i++) {
        size_t cut = len < ALL_CUTS ? i : 1 + random_below(seed, len);
        size_t room = rooms[random_below(seed, sizeof rooms / sizeof *rooms)];
        source_init(&source, form, len, cut, len); /* in two */
        compare(whole, content_type, &source, room);
        if (i > 16 && len < ALL_CUTS) continue;
        source_init(&source, form, len, 1 + random_below(seed, i), i); /* in pieces */
        compare(whole, content_type, &source, room);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const types[] = {"multipart/form-data; boundary=XYZ",
                                        "multipart/form-data; boundary=\"-\"",
                                        "multipart/form-data; boundary=----------XYZ"};
    uint64_t seed = fuzz_seed(data, size);
    struct source source;
    struct outcome whole;
    if (size == 0 || size > FORM_MAX) return 0;
    const char *content_type = types[data[0] == '-' ? 0 : data[0] % 3];
    source_init(&source, (const char *)data, size, size, size);
    read_in(content_type, &source, ROOM, &whole);
    compare_cuts(&whole, content_type, (const char *)data, size, &seed);
    buf_free(&whole.seen);
    return 0;
}
