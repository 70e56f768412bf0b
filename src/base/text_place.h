/*
 * Where a byte stands in a text, as an editor shows it: its line and its column, both from 1. A
 * column counts characters (Unicode code points), not bytes. Lines end with a line feed.
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

/* Of the first byte of a text. */
static inline struct text_place text_place_first(void) {
    return (struct text_place){1, 1};
}

/* Moves the place over len bytes of UTF-8. ascii: no byte is above 0x7f, which is faster. */
void text_place_advance(struct text_place *place, const char *text, size_t len, bool ascii);

#endif
