/*
 * Lists of numbers, read straight from their text. Nearly all polygons and keypoints are such
 * lists, and have dozens of numbers: nodes for each of them (json/parser) would cost more than the
 * numbers.
 */
#ifndef PGCOCO_JSON_NUMBER_LISTS_H
#define PGCOCO_JSON_NUMBER_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* One text after the other; keeps its memory. */
struct number_lists {
    double *numbers; /* of all lists */
    size_t count;
    size_t cap;
    size_t *ends; /* of each list, in numbers */
    size_t list_count;
    size_t list_cap;
    bool is_nested; /* the lists were in a list; otherwise there is one */
};

/* Starts without memory. Call number_lists_free in any case. */
void number_lists_init(struct number_lists *lists);
void number_lists_free(struct number_lists *lists);

/* Reads a text that is a list of numbers, or a list of lists of numbers, with white space between
 * or not. The numbers are those of number_double. False for any other text, also with numbers that
 * are written as texts or that no double can hold, or if memory ran out: use json/parser then. */
bool number_lists_read(struct number_lists *lists, struct slice text);

#endif
