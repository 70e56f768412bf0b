/* The query string of a request, pair by pair (application/x-www-form-urlencoded). */
#ifndef PGCOCO_HTTP_QUERY_H
#define PGCOCO_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* The next pair, not decoded, and moves *rest behind it. A name without "=" has an empty value;
 * what is empty between two "&" is no pair. False when there is none. */
bool query_next(const char **rest, struct slice *name, struct slice *value);

/* Decodes a name or a value into `into`, room bytes with the closing NUL. False when it does not
 * fit, an escape is malformed, or it holds a NUL. A "%" at the very end stands for itself: people
 * type max_skipped=5%. */
bool query_decode(struct slice text, char *into, size_t room);

#endif
