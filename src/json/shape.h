/*
 * A short way past the tokenizer. The rows of a file are written by one program in one way: the
 * same keys in the same order, the same white space, and only numbers and texts differ. A shape is
 * learned from an object that tokens has taken apart; another object that is the same to the byte
 * but for its numbers and texts, each of them checked, is as good JSON, and its nodes are the same
 * but for where they stand. What fits no shape is left to tokens, which says what is wrong with it
 * if anything is.
 */
#ifndef PGCOCO_JSON_SHAPE_H
#define PGCOCO_JSON_SHAPE_H

#include <stdbool.h>

#include "json/value.h"
#include "json/window.h"

struct shapes;

/* NULL when out of memory. */
struct shapes *shapes_new(void);
void shapes_free(struct shapes *shapes);

/* Remembers how this element is written, if it is an object that is not too large; of those learned
 * before, the oldest are forgotten. */
void shapes_learn(struct shapes *shapes, const struct json_value *value);

/* Takes the element at the window's cursor (no white space before it), reading on if it is cut, and
 * moves the cursor behind it. What *value points to is valid until the next call on shapes or
 * window. False when it fits no shape, or not as a whole: the cursor has not moved. */
bool shapes_next(struct shapes *shapes, struct window *window, struct json_value *value);

#endif
