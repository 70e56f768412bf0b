/* Makes text from outside printable, so that a message can show it. */
#ifndef PGCOCO_BASE_PRINTABLE_H
#define PGCOCO_BASE_PRINTABLE_H

#include <stddef.h>

#include "base/slice.h"

enum {
    PRINTABLE_ROOM = 68 /* bytes; enough to tell one name from another */
};

/* Copies a text to `into` and returns that: valid UTF-8 that ends with NUL. Bytes that are not
 * UTF-8, control characters, and characters that change the direction of the text around them
 * become '?'. A text that does not fit is cut between two characters and ends with "...". room > 4
 * is the size of `into`. */
const char *printable(struct slice text, char *into, size_t room);

#endif
