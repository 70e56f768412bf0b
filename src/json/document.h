/*
 * A document read from outside in: its outermost array or object, and the arrays directly inside
 * the object, are walked element by element; what lies deeper comes as complete values.
 *
 *     results file:  document_enter_array (or _lines), document_next_element …, document_finish
 *     ground truth:  document_enter_object, document_next_key,
 *                      document_enter_array, document_next_element …  or  document_value,
 *                    document_next_key …, document_finish
 *
 * Errors name the byte, with its line and column, and inside an array the element.
 */
#ifndef PGCOCO_JSON_DOCUMENT_H
#define PGCOCO_JSON_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"
#include "json/shape.h"
#include "json/tokens.h"
#include "json/value.h"
#include "json/window.h"

struct document {
    struct window window;
    struct tokens *tokens;
    struct shapes *shapes;
    uint64_t index; /* of the element document_next_element gave last */
    bool entered;   /* the outermost bracket is behind us */
    bool in_array;  /* inside an array whose elements are walked */
    bool first;     /* nothing of the innermost array or object was read yet */
    bool after_key; /* a key was given, its value comes next */
    bool in_lines;  /* the elements that are walked stand one to a line, in no array */
    bool newline;   /* white space passed over since the last element held one */
};

/* source must outlive the document. Returns false (ERR_BUSY) when out of memory. Call
 * document_close in any case. */
bool document_open(struct document *document, const struct reader *source,
                   const struct json_limits *limits, struct err *err);
void document_close(struct document *document);

/* What the next value will be, without taking it: JSON_OBJECT, JSON_ARRAY, JSON_STRING, or
 * JSON_NUMBER for all the rest. ERR_EMPTY_BODY when there is nothing but white space at the start
 * of the body. */
bool document_peek(struct document *document, enum json_type *type, struct err *err);

/* Step into the array (object) that comes next; ERR_WRONG_SHAPE when something else does. */
bool document_enter_array(struct document *document, struct err *err);
bool document_enter_object(struct document *document, struct err *err);

/* Step into JSON Lines: elements one to a line, up to the end of the body. */
void document_enter_lines(struct document *document);

/* Looks at the object that comes next without taking it. *whole is false when it does not end
 * within a mebibyte, or is wrong: then taking it says what is wrong. */
bool document_peek_object(struct document *document, struct json_value *value, bool *whole,
                          struct err *err);

/* The next element of the array, or of the lines. *more is false, and the array left, when there is
 * none. */
bool document_next_element(struct document *document, struct json_value *value, bool *more,
                           struct err *err);

/* The next key of the outermost object; *more as above. Its value must be taken next, by
 * document_value or document_enter_array. */
bool document_next_key(struct document *document, struct json_value *key, bool *more,
                       struct err *err);

/* The value that comes next, as a whole. */
bool document_value(struct document *document, struct json_value *value, struct err *err);

/* Fills *err with ERR_WRONG_SHAPE: JSON that is not what the caller expects, at the offset of the
 * value or key that was taken last, or of the cursor. Returns false. */
bool document_refuse(const struct document *document, uint64_t offset, struct err *err,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Only white space may be left. Reads to the proper end of the source. */
bool document_finish(struct document *document, struct err *err);

/* Bytes of the body read so far. */
uint64_t document_bytes(const struct document *document);

#endif
