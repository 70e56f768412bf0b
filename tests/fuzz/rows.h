/* The elements of a file of rows, one by one, and what holds for the JSON that rows keep of it. */
#ifndef PGCOCO_TESTS_FUZZ_ROWS_H
#define PGCOCO_TESTS_FUZZ_ROWS_H

#include "fuzz.h"

#include "base/text_source.h"
#include "coco/annotation.h"
#include "json/document.h"

/* Takes an element; self is the harness's own. */
typedef void fuzz_row_fn(const struct json_value *element, void *self);

static inline bool fuzz_array(struct document *document, fuzz_row_fn *row, void *self) {
    struct json_value element;
    struct err err;
    bool more;
    if (!document_enter_array(document, &err)) return false;
    for (;;) {
        if (!document_next_element(document, &element, &more, &err)) return false;
        if (!more) return true;
        row(&element, self);
    }
}

static inline bool fuzz_object(struct document *document, fuzz_row_fn *row, void *self) {
    struct json_value value;
    struct err err;
    enum json_type type;
    bool more;
    if (!document_enter_object(document, &err)) return false;
    while (document_next_key(document, &value, &more, &err) && more) {
        if (!document_peek(document, &type, &err)) return false;
        if (!(type == JSON_ARRAY ? fuzz_array(document, row, self)
                                 : document_value(document, &value, &err))) {
            return false;
        }
    }
    return true;
}

/* Calls row() for the elements of the array that the text is, or of the arrays in its object, up to
 * the end or the first error. */
static inline void fuzz_each_row(const uint8_t *data, size_t size, fuzz_row_fn *row, void *self) {
    const struct json_limits limits = fuzz_limits();
    struct text_source source;
    struct document document;
    struct err err;
    enum json_type type;
    text_source_init(&source, (const char *)data, size);
    if (document_open(&document, &source.reader, &limits, &err) &&
        document_peek(&document, &type, &err)) {
        (void)(type == JSON_OBJECT ? fuzz_object : fuzz_array)(&document, row, self);
    }
    document_close(&document);
}

/* JSON goes into the database as it is: it must be one whole value of this type. */
static inline void fuzz_require_json(struct slice json, enum json_type type) {
    const struct json_limits limits = fuzz_limits();
    struct text_source source;
    struct document document;
    struct json_value value;
    struct err err;
    text_source_init(&source, json.data, json.len);
    fuzz_require(document_open(&document, &source.reader, &limits, &err));
    fuzz_require(document_value(&document, &value, &err));
    fuzz_require(value.nodes[0].type == type && !value.non_finite);
    fuzz_require(document_finish(&document, &err));
    document_close(&document);
}

/* Text goes into the database as it is. */
static inline void fuzz_require_text(struct slice text) {
    struct utf8 utf8 = {0};
    fuzz_require(text.len == 0 || utf8_check(&utf8, text.data, text.len) == text.len);
    fuzz_require(utf8.missing == 0);
}

static inline bool fuzz_is_finite(double number) {
    return number - number == 0;
}

static inline void fuzz_require_bbox(const struct bbox *bbox) {
    fuzz_require(fuzz_is_finite(bbox->x) && fuzz_is_finite(bbox->y));
    fuzz_require(fuzz_is_finite(bbox->w) && fuzz_is_finite(bbox->h));
    fuzz_require(bbox->w >= 0 && bbox->h >= 0);
}

/* What holds for each row of the annotations table. */
static inline void fuzz_require_annotation(const struct annotation *row) {
    fuzz_require_bbox(&row->bbox);
    fuzz_require(!row->has_area || fuzz_is_finite(row->area));
    fuzz_require(!row->has_confidence || fuzz_is_finite(row->confidence));
    if (row->extra.data) fuzz_require_json(row->extra, JSON_OBJECT);
    fuzz_require(!row->segmentation.data || row->segmentation.len > 0);
    fuzz_require(!row->keypoints.data || row->keypoints.len > 0);
}

#endif
