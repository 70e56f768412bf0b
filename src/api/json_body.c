/* Reads small bodies: see json_body.h. */
#include "api/json_body.h"

#include "base/decoder.h"
#include "base/text_source.h"
#include "http/body.h"
#include "json/document.h"

enum {
    PIECE = 16 * 1024
};

static bool check_value(struct document *document, const struct json_value *value,
                        struct err *err) {
    return !value->non_finite ||
           document_refuse(document, value->offset, err, "NaN and Infinity cannot be used here");
}

static bool check_elements(struct document *document, struct err *err) {
    struct json_value value;
    bool more;
    if (!document_enter_array(document, err)) return false;
    for (;;) {
        if (!document_next_element(document, &value, &more, err)) return false;
        if (!more) return true;
        if (!check_value(document, &value, err)) return false;
    }
}

static bool check_member(struct document *document, struct err *err) {
    struct json_value value;
    enum json_type type;
    if (!document_peek(document, &type, err)) return false;
    if (type == JSON_ARRAY) return check_elements(document, err);
    return document_value(document, &value, err) && check_value(document, &value, err);
}

static bool check_members(struct document *document, struct err *err) {
    struct json_value key;
    bool more;
    if (!document_enter_object(document, err)) return false;
    for (;;) {
        if (!document_next_key(document, &key, &more, err)) return false;
        if (!more) return document_finish(document, err);
        if (!check_member(document, err)) return false;
    }
}

/* Checks that the text is one JSON object. */
static bool check_json(struct buf *text, const struct json_limits *limits, struct err *err) {
    struct text_source source;
    struct document document;
    text_source_init(&source, buf_text(text), text->len);
    bool good =
        document_open(&document, &source.reader, limits, err) && check_members(&document, err);
    document_close(&document);
    return good;
}

static bool read_all(const struct reader *reader, struct buf *into, struct err *err) {
    char piece[PIECE];
    ssize_t len;
    while ((len = reader_read(reader, piece, sizeof piece, err)) > 0) {
        buf_put(into, piece, (size_t)len);
        if (into->failed) return err_set(err, ERR_BUSY, "out of memory for the body; try again");
    }
    return len == 0;
}

bool json_body_read(struct exchange *x, uint64_t max, struct buf *into, struct err *err) {
    struct body body;
    struct decoder decoder;
    struct body_limits limits = x->service->body_limits;
    if (limits.max_bytes == 0 || limits.max_bytes > max) limits.max_bytes = max;
    bool good = body_open(&body, x->request, &limits, err);
    if (good) {
        decoder_open(&decoder, &body.reader, limits.max_bytes);
        good = read_all(body.encoded ? &decoder.reader : &body.reader, into, err) &&
               check_json(into, &x->service->json_limits, err);
        decoder_close(&decoder);
    }
    body_close(&body);
    return good;
}
