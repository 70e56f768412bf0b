/*
 * A fast path past the tokenizer. One program writes all rows of a file in the same way: the same
 * keys in the same order and the same white space; only numbers and strings differ. A shape is
 * learned from an object that json/tokens has parsed. Another object that is equal to the byte
 * except for its numbers and strings, each of them checked, is valid JSON, too, and has the same
 * nodes at other positions. Objects that match no shape are left to json/tokens, which reports
 * errors.
 */
#ifndef PGCOCO_JSON_SHAPE_H
#define PGCOCO_JSON_SHAPE_H

#include <stdbool.h>

#include "json/value.h"
#include "json/window.h"

struct shapes;

/* Returns NULL if there is no memory. Free with shapes_free, which also takes NULL. */
struct shapes *shapes_new(void);
void shapes_free(struct shapes *shapes);

/* Learns how this element is written, if it is an object and not too large. Replaces the oldest
 * shape. */
void shapes_learn(struct shapes *shapes, const struct json_value *value);

/* Takes the element at the window's cursor (no white space before it) and moves the cursor past it.
 * Reads on if the window cuts the element. *value is valid until the next call on shapes or window.
 * False if the element matches no shape; the cursor has then not moved. */
bool shapes_next(struct shapes *shapes, struct window *window, struct json_value *value);

#endif
