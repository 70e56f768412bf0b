/*
 * The place of a byte in a text, as editors show it: line and column, both from 1. Columns count
 * characters (Unicode code points), not bytes. A line feed ends a line.
 */
#ifndef PGCOCO_BASE_TEXT_PLACE_H
#define PGCOCO_BASE_TEXT_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_place {
    uint64_t line;
    uint64_t column;
};

/* Returns the place of the first byte of a text. */
static inline struct text_place text_place_first(void) {
    return (struct text_place){1, 1};
}

/* Moves the place over len bytes of UTF-8. ascii: all bytes are below 0x80, which is faster. */
void text_place_advance(struct text_place *place, const char *text, size_t len, bool ascii);

#endif
