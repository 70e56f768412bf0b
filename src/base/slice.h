/* A piece of text that lies in somebody else's memory. */
#ifndef PGCOCO_BASE_SLICE_H
#define PGCOCO_BASE_SLICE_H

#include <stddef.h>

/* Not NUL-terminated. data NULL: there is no text, which is not the same as an empty one. Valid as
 * long as the memory it points into. */
struct slice {
    const char *data;
    size_t len;
};

#endif
