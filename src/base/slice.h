/* A piece of text in memory that something else owns. */
#ifndef PGCOCO_BASE_SLICE_H
#define PGCOCO_BASE_SLICE_H

#include <stddef.h>

/* Not NUL-terminated. data is NULL if there is no text, which differs from an empty text. Valid as
 * long as the memory it points into. */
struct slice {
    const char *data;
    size_t len;
};

#endif
