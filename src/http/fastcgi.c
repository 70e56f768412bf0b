/* Reads and writes FastCGI records: see fastcgi.h. */
#include "http/fastcgi.h"

#include <stdbool.h>
#include <string.h>

enum {
    VERSION = 1,
    RESPONDER = 1
};

/* Types of records. */
enum {
    BEGIN_REQUEST = 1,
    ABORT_REQUEST = 2,
    END_REQUEST = 3,
    PARAMS = 4,
    STDIN = 5,
    STDOUT = 6,
    GET_VALUES = 9,
    GET_VALUES_RESULT = 10,
    UNKNOWN_TYPE = 11
};

/* The protocol status of an END_REQUEST. */
enum {
    CANT_MPX_CONN = 1,
    UNKNOWN_ROLE = 3
};

void fastcgi_init(struct fastcgi *fastcgi) {
    *fastcgi = (struct fastcgi){.stage = FASTCGI_BEFORE};
    buf_init(&fastcgi->params, FASTCGI_PARAMS_MAX);
    buf_init(&fastcgi->replies, FASTCGI_REPLIES_MAX);
}

void fastcgi_free(struct fastcgi *fastcgi) {
    buf_free(&fastcgi->params);
    buf_free(&fastcgi->replies);
}

/* ---- writing ----------------------------------------------------------------------------- */

static void write_head(unsigned type, unsigned id, size_t len, unsigned char *into) {
    const unsigned char head[FASTCGI_HEAD] = {
        VERSION,           (unsigned char)type,       (unsigned char)(id >> 8),
        (unsigned char)id, (unsigned char)(len >> 8), (unsigned char)len,
    };
    memcpy(into, head, sizeof head);
}

void fastcgi_write_head(const struct fastcgi *fastcgi, size_t len,
                        unsigned char into[FASTCGI_HEAD]) {
    write_head(STDOUT, fastcgi->id, len, into);
}

void fastcgi_write_end(const struct fastcgi *fastcgi, unsigned char into[FASTCGI_END]) {
    memset(into, 0, FASTCGI_END); /* exit status 0, request complete */
    write_head(STDOUT, fastcgi->id, 0, into);
    write_head(END_REQUEST, fastcgi->id, 8, into + FASTCGI_HEAD);
}

/* Replies with a record of eight bytes. */
static void reply(struct fastcgi *fastcgi, unsigned type, unsigned id,
                  const unsigned char content[8]) {
    unsigned char head[FASTCGI_HEAD];
    write_head(type, id, 8, head);
    buf_put(&fastcgi->replies, head, sizeof head);
    buf_put(&fastcgi->replies, content, 8);
}

static void reply_end(struct fastcgi *fastcgi, unsigned id, unsigned char status) {
    const unsigned char content[8] = {0, 0, 0, 0, status};
    reply(fastcgi, END_REQUEST, id, content);
}

/* ---- the record that is being read ------------------------------------------------------- */

static unsigned record_type(const struct fastcgi *fastcgi) {
    return fastcgi->head[1];
}

static unsigned record_id(const struct fastcgi *fastcgi) {
    return (unsigned)fastcgi->head[2] << 8 | fastcgi->head[3];
}

static bool is_of_request(const struct fastcgi *fastcgi) {
    return fastcgi->stage != FASTCGI_BEFORE && record_id(fastcgi) == fastcgi->id;
}

/* ---- parameters -------------------------------------------------------------------------- */

/* Takes a length of one byte, or of four with the highest bit set. */
static bool take_length(struct slice *from, size_t *len) {
    const unsigned char *bytes = (const unsigned char *)from->data;
    size_t size = from->len > 0 && bytes[0] & 0x80 ? 4 : 1;
    if (from->len < size) return false;
    *len = bytes[0] & 0x7f;
    for (size_t i = 1; i < size; i++) *len = *len << 8 | bytes[i];
    from->data += size;
    from->len -= size;
    return true;
}

/* Takes `len` bytes and appends them as a C string. They must hold no NUL. */
static bool take_text(struct slice *from, size_t len, struct buf *into) {
    if (len > from->len || memchr(from->data, '\0', len)) return false;
    buf_put(into, from->data, len);
    buf_put_char(into, '\0');
    from->data += len;
    from->len -= len;
    return true;
}

/* Each pair has two bytes of lengths at least and gets two NULs, so it does not grow. */
static bool decode_params(struct fastcgi *fastcgi) {
    struct buf decoded;
    struct slice rest = buf_slice(&fastcgi->params);
    bool good = true;
    buf_init(&decoded, FASTCGI_PARAMS_MAX);
    while (good && rest.len > 0) {
        size_t name_len, value_len;
        good = take_length(&rest, &name_len) && take_length(&rest, &value_len) &&
               take_text(&rest, name_len, &decoded) && take_text(&rest, value_len, &decoded);
    }
    good = good && !decoded.failed;
    buf_free(&fastcgi->params);
    fastcgi->params = decoded;
    return good;
}

const char *fastcgi_variable(const struct fastcgi *fastcgi, const char *name) {
    const char *at = fastcgi->params.data;
    for (size_t left = fastcgi->params.len; left > 0;) {
        const char *value = at + strlen(at) + 1;
        const char *next = value + strlen(value) + 1;
        if (strcmp(at, name) == 0) return value;
        left -= (size_t)(next - at);
        at = next;
    }
    return NULL;
}

/* ---- records ----------------------------------------------------------------------------- */

/* The whole content of a BEGIN_REQUEST is there. */
static enum fastcgi_event begin_request(struct fastcgi *fastcgi) {
    unsigned role = (unsigned)fastcgi->begin[0] << 8 | fastcgi->begin[1];
    if (is_of_request(fastcgi)) return FASTCGI_BROKEN;
    if (fastcgi->stage != FASTCGI_BEFORE) {
        reply_end(fastcgi, record_id(fastcgi), CANT_MPX_CONN);
    } else if (role != RESPONDER) {
        reply_end(fastcgi, record_id(fastcgi), UNKNOWN_ROLE);
    } else {
        fastcgi->id = (uint16_t)record_id(fastcgi);
        fastcgi->stage = FASTCGI_IN_PARAMS;
    }
    return FASTCGI_WAIT;
}

/* True if the record may come now. Its head has been read, and nothing else. */
static bool may_come(const struct fastcgi *fastcgi) {
    unsigned type = record_type(fastcgi);
    if (fastcgi->head[0] != VERSION) return false;
    if (type == BEGIN_REQUEST) {
        return record_id(fastcgi) != 0 && fastcgi->content_len == sizeof fastcgi->begin;
    }
    if (!is_of_request(fastcgi)) return true; /* is skipped */
    if (type == PARAMS) return fastcgi->stage == FASTCGI_IN_PARAMS;
    if (type == STDIN) return fastcgi->stage == FASTCGI_IN_BODY;
    return true;
}

/* Takes bytes of the content. Those of records that are not for us are skipped. */
static enum fastcgi_event take_content(struct fastcgi *fastcgi, struct slice bytes,
                                       struct slice *piece) {
    unsigned type = record_type(fastcgi);
    size_t at = fastcgi->content_len - fastcgi->content_left;
    fastcgi->content_left -= bytes.len;
    if (type == BEGIN_REQUEST) {
        memcpy(fastcgi->begin + at, bytes.data, bytes.len);
    } else if (!is_of_request(fastcgi)) {
        return FASTCGI_WAIT;
    } else if (type == PARAMS) {
        buf_put(&fastcgi->params, bytes.data, bytes.len);
        if (fastcgi->params.failed) return FASTCGI_BROKEN;
    } else if (type == STDIN) {
        *piece = bytes;
        return FASTCGI_BODY;
    }
    return FASTCGI_WAIT;
}

/* A record for the application and not for a request. An empty GET_VALUES_RESULT says that none of
 * the values asked for is known. */
static void answer_management(struct fastcgi *fastcgi) {
    unsigned char head[FASTCGI_HEAD];
    const unsigned char content[8] = {(unsigned char)record_type(fastcgi)};
    if (record_type(fastcgi) == GET_VALUES) {
        write_head(GET_VALUES_RESULT, 0, 0, head);
        buf_put(&fastcgi->replies, head, sizeof head);
    } else {
        reply(fastcgi, UNKNOWN_TYPE, 0, content);
    }
}

/* The whole record is there, but for its padding. An empty record ends a stream. */
static enum fastcgi_event end_record(struct fastcgi *fastcgi) {
    unsigned type = record_type(fastcgi);
    bool is_empty = fastcgi->content_len == 0;
    if (type == BEGIN_REQUEST) return begin_request(fastcgi);
    if (record_id(fastcgi) == 0) answer_management(fastcgi);
    if (!is_of_request(fastcgi)) return FASTCGI_WAIT;
    if (type == ABORT_REQUEST) return FASTCGI_ABORTED;
    if (type == PARAMS && is_empty) {
        fastcgi->stage = FASTCGI_IN_BODY;
        return decode_params(fastcgi) ? FASTCGI_PARAMS : FASTCGI_BROKEN;
    }
    if (type == STDIN && is_empty) {
        fastcgi->stage = FASTCGI_AFTER;
        return FASTCGI_BODY_END;
    }
    return FASTCGI_WAIT;
}

/* ---- bytes ------------------------------------------------------------------------------- */

/* Takes at most `most` bytes off the input. */
static struct slice take(struct slice *input, size_t most) {
    struct slice taken = {input->data, input->len < most ? input->len : most};
    input->data += taken.len;
    input->len -= taken.len;
    return taken;
}

/* Reads the head. Returns FASTCGI_WAIT also when it is complete. */
static enum fastcgi_event read_head(struct fastcgi *fastcgi, struct slice *input) {
    struct slice bytes = take(input, FASTCGI_HEAD - fastcgi->head_len);
    memcpy(fastcgi->head + fastcgi->head_len, bytes.data, bytes.len);
    fastcgi->head_len += bytes.len;
    if (fastcgi->head_len < FASTCGI_HEAD) return FASTCGI_WAIT;
    fastcgi->content_len = (size_t)fastcgi->head[4] << 8 | fastcgi->head[5];
    fastcgi->content_left = fastcgi->content_len;
    fastcgi->padding_left = fastcgi->head[6];
    if (!may_come(fastcgi)) return FASTCGI_BROKEN;
    return fastcgi->content_len == 0 ? end_record(fastcgi) : FASTCGI_WAIT;
}

static enum fastcgi_event read_content(struct fastcgi *fastcgi, struct slice *input,
                                       struct slice *piece) {
    struct slice bytes = take(input, fastcgi->content_left);
    enum fastcgi_event event = take_content(fastcgi, bytes, piece);
    if (event == FASTCGI_WAIT && fastcgi->content_left == 0) event = end_record(fastcgi);
    return event;
}

enum fastcgi_event fastcgi_next(struct fastcgi *fastcgi, struct slice *input, struct slice *piece) {
    enum fastcgi_event event = FASTCGI_WAIT;
    while (event == FASTCGI_WAIT && input->len > 0) {
        if (fastcgi->head_len < FASTCGI_HEAD) {
            event = read_head(fastcgi, input);
        } else if (fastcgi->content_left > 0) {
            event = read_content(fastcgi, input, piece);
        } else {
            fastcgi->padding_left -= take(input, fastcgi->padding_left).len;
        }
        bool is_over = fastcgi->content_left == 0 && fastcgi->padding_left == 0;
        if (fastcgi->head_len == FASTCGI_HEAD && is_over) fastcgi->head_len = 0;
        if (fastcgi->replies.failed) return FASTCGI_BROKEN;
    }
    return event;
}
