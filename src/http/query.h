/* Parses the query string of a request (application/x-www-form-urlencoded) pair by pair. */
#ifndef PGCOCO_HTTP_QUERY_H
#define PGCOCO_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* Takes the next pair, not decoded, and moves *rest past it. A name without "=" has an empty value.
 * Empty pairs are skipped. False if there are no more. */
bool query_next(const char **rest, struct slice *name, struct slice *value);

/* Decodes a name or a value into `into` (room bytes, with the closing NUL). False if it does not
 * fit, has a malformed escape, or holds a NUL. A "%" at the very end stands for itself, because
 * users type max_skipped=5%. */
bool query_decode(struct slice text, char *into, size_t room);

#endif
