/*
 * Text from outside made fit for a message: names that a request or a file holds. Whoever writes
 * the message still escapes it for its format (JSON, HTML).
 */
#ifndef PGCOCO_BASE_SHOWN_H
#define PGCOCO_BASE_SHOWN_H

#include <stddef.h>

#include "base/slice.h"

enum {
    SHOWN_ROOM = 72 /* bytes, with the NUL; enough for the name of a dataset or a run */
};

/* Writes the text into `into` (room > 3 bytes, with the NUL) and returns it. The result is valid
 * UTF-8 on one line. What is not UTF-8, control characters, and characters that would change how
 * the text around them is shown become '?'. A text that does not fit is cut and ends with
 * "...". */
const char *shown_in(struct slice text, char *into, size_t room);

/* The same for a C string and SHOWN_ROOM bytes. */
const char *shown(const char *text, char into[SHOWN_ROOM]);

#endif
