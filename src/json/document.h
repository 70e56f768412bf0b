/*
 * Reads a document from its outermost value inwards. The outermost array or object, and arrays
 * directly inside the object, are read element by element; anything deeper comes as complete
 * values.
 *
 *     results file:  document_enter_array (or _lines), document_next_element …, document_finish
 *     ground truth:  document_enter_object, document_next_key,
 *                      document_enter_array, document_next_element …  or  document_value,
 *                    document_next_key …, document_finish
 *
 * Functions that can fail return false and fill *err, with offset, line and column, and inside an
 * array the index of the element.
 */
#ifndef PGCOCO_JSON_DOCUMENT_H
#define PGCOCO_JSON_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"
#include "base/work.h"
#include "json/shape.h"
#include "json/tokens.h"
#include "json/value.h"
#include "json/window.h"

struct document {
    struct window window;
    struct tokens *tokens;
    struct shapes *shapes;
    struct work *work; /* pays for nesting; NULL, as after document_open: not bounded */
    uint64_t index;    /* of the last element from document_next_element */
    bool entered;      /* the outermost bracket has been passed */
    bool in_array;     /* reading an array, or lines, element by element */
    bool first;        /* no element or member has been read yet */
    bool after_key;    /* a key was read; its value comes next */
    bool in_lines;     /* JSON Lines: one element on each line, no array */
    bool newline;      /* a line feed was skipped since the last element */
};

/* Starts reading `source`, which must outlive the document. ERR_BUSY if there is no memory. Call
 * document_close in any case. */
bool document_open(struct document *document, const struct reader *source,
                   const struct json_limits *limits, struct err *err);
void document_close(struct document *document);

/* Tells the type of the next value without taking it: JSON_OBJECT, JSON_ARRAY, JSON_STRING, or
 * JSON_NUMBER for all others. ERR_EMPTY_BODY if the body holds only white space. */
bool document_peek(struct document *document, enum json_type *type, struct err *err);

/* Enter the next value, which must be an array (an object); else ERR_WRONG_SHAPE. */
bool document_enter_array(struct document *document, struct err *err);
bool document_enter_object(struct document *document, struct err *err);

/* Enters JSON Lines: one element on each line, up to the end of the body. */
void document_enter_lines(struct document *document);

/* Reads the next object without taking it. *whole is false if it is invalid or longer than 1 MiB;
 * taking it then reports the error. *more tells whether another object follows it. */
bool document_peek_object(struct document *document, struct json_value *value, bool *whole,
                          bool *more, struct err *err);

/* Takes the next element of the array or the lines. At their end *more is false, and the array has
 * been left. */
bool document_next_element(struct document *document, struct json_value *value, bool *more,
                           struct err *err);

/* Takes the next key of the outermost object; at its end *more is false. Next, take the value with
 * document_value or enter it with document_enter_array. */
bool document_next_key(struct document *document, struct json_value *key, bool *more,
                       struct err *err);

/* Takes the next value as a whole. */
bool document_value(struct document *document, struct json_value *value, struct err *err);

/* Refuses JSON that is not what the caller expects: fills *err with ERR_WRONG_SHAPE and returns
 * false. offset: of the last value or key taken, or of the cursor. */
bool document_refuse(const struct document *document, uint64_t offset, struct err *err,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Refuses a member that the file has already had, before its value is read. what: its name. */
bool document_refuse_repeated(const struct document *document, const char *what, struct err *err);

/* Checks that only white space follows, and reads the source to its end. */
bool document_finish(struct document *document, struct err *err);

/* Returns how many bytes of the body have been read. */
uint64_t document_bytes(const struct document *document);

#endif
