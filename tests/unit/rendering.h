/*
 * Reads a document with json/document.h and writes it out again, without white space, from its
 * nodes. Checks every node against the promises of json/value.h on the way.
 */
#ifndef PGCOCO_TESTS_UNIT_RENDERING_H
#define PGCOCO_TESTS_UNIT_RENDERING_H

#include "source.h"
#include "json/document.h"

enum way {
    WALK_ALL,   /* outermost brackets, and arrays directly inside an object, by element */
    WALK_OUTER, /* outermost brackets by element; anything inside as whole values */
    WHOLE       /* the document as one value */
};

static inline enum json_type type_by_text(struct slice raw) {
    switch (raw.data[0]) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return memchr(raw.data, 'N', raw.len) || memchr(raw.data, 'I', raw.len) ? JSON_NON_FINITE
                                                                                : JSON_NUMBER;
    }
}

static inline void render_node(const struct json_value *value, uint32_t node, struct buf *into);

static inline void render_children(const struct json_value *value, uint32_t node,
                                   struct buf *into) {
    const struct json_node *n = &value->nodes[node];
    uint32_t count = 0;
    for (uint32_t i = node + 1; i < n->next; i = value->nodes[i].next) {
        assert_true(value->nodes[i].start > n->start && value->nodes[i].end < n->end);
        bool is_value = n->type == JSON_OBJECT && count % 2 == 1;
        if (count > 0) buf_put_char(into, is_value ? ':' : ',');
        if (n->type == JSON_OBJECT && !is_value) {
            assert_int_equal(value->nodes[i].type, JSON_STRING);
        }
        render_node(value, i, into);
        count++;
    }
    assert_int_equal(json_child_count(value, node), count);
    if (n->type == JSON_OBJECT) assert_int_equal(count % 2, 0);
}

static inline void render_node(const struct json_value *value, uint32_t node, struct buf *into) {
    const struct json_node *n = &value->nodes[node];
    struct slice raw = json_raw(value, node);
    assert_true(node < n->next && n->next <= value->count);
    assert_int_equal(n->type, type_by_text(raw));
    if (n->type == JSON_NON_FINITE) assert_true(value->non_finite);
    if (n->type != JSON_OBJECT && n->type != JSON_ARRAY) {
        assert_int_equal(n->next, node + 1);
        assert_int_equal(n->escaped,
                         n->type == JSON_STRING && memchr(raw.data, '\\', raw.len) != NULL);
        buf_put(into, raw.data, raw.len);
        return;
    }
    buf_put_char(into, raw.data[0]);
    render_children(value, node, into);
    buf_put_char(into, raw.data[raw.len - 1]);
}

/* body: the bytes of the source, to check that offsets name them. */
static inline void render_value(const struct json_value *value, const char *body,
                                struct buf *into) {
    struct slice raw = json_raw(value, 0);
    bool non_finite = false;
    for (uint32_t i = 0; i < value->count; i++) {
        non_finite |= value->nodes[i].type == JSON_NON_FINITE;
    }
    assert_int_equal(value->non_finite, non_finite);
    assert_ptr_equal(raw.data, value->text);
    assert_memory_equal(raw.data, body + value->offset, raw.len);
    assert_int_equal(value->nodes[0].next, value->count);
    render_node(value, 0, into);
}

static inline bool render_array(struct document *document, const char *body, struct buf *into,
                                struct err *err) {
    struct json_value value;
    bool more;
    if (!document_enter_array(document, err)) return false;
    buf_put_char(into, '[');
    for (uint64_t index = 0;; index++) {
        if (!document_next_element(document, &value, &more, err)) return false;
        if (!more) break;
        assert_int_equal(document->index, index);
        if (index > 0) buf_put_char(into, ',');
        render_value(&value, body, into);
    }
    buf_put_char(into, ']');
    return true;
}

static inline bool render_object(struct document *document, enum way way, const char *body,
                                 struct buf *into, struct err *err) {
    struct json_value value;
    enum json_type type;
    bool more;
    if (!document_enter_object(document, err)) return false;
    buf_put_char(into, '{');
    for (bool first = true;; first = false) {
        if (!document_next_key(document, &value, &more, err)) return false;
        if (!more) break;
        if (!first) buf_put_char(into, ',');
        render_value(&value, body, into);
        buf_put_char(into, ':');
        if (!document_peek(document, &type, err)) return false;
        if (type == JSON_ARRAY && way == WALK_ALL) {
            if (!render_array(document, body, into, err)) return false;
        } else {
            if (!document_value(document, &value, err)) return false;
            render_value(&value, body, into);
        }
    }
    buf_put_char(into, '}');
    return true;
}

/* Renders an open document to its end. */
static inline bool render_document(struct document *document, enum way way, const char *body,
                                   struct buf *into, struct err *err) {
    struct json_value value;
    enum json_type type;
    if (!document_peek(document, &type, err)) return false;
    if (type == JSON_ARRAY && way != WHOLE) {
        if (!render_array(document, body, into, err)) return false;
    } else if (type == JSON_OBJECT && way != WHOLE) {
        if (!render_object(document, way, body, into, err)) return false;
    } else {
        if (!document_value(document, &value, err)) return false;
        render_value(&value, body, into);
    }
    return document_finish(document, err);
}

/* Renders a document from a source in memory. */
static inline bool render_source(struct source *source, const struct json_limits *limits,
                                 enum way way, struct buf *into, struct err *err) {
    struct document document;
    bool done = document_open(&document, &source->reader, limits, err) &&
                render_document(&document, way, source->bytes, into, err);
    if (done) assert_int_equal(document_bytes(&document), source->len);
    document_close(&document);
    return done;
}

#endif
