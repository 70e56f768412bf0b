/* Reads text in memory. */
#ifndef PGCOCO_BASE_TEXT_SOURCE_H
#define PGCOCO_BASE_TEXT_SOURCE_H

#include <stddef.h>

#include "base/reader.h"

struct text_source {
    struct reader reader;
    const char *text; /* the rest that has not been read */
    size_t len;
};

/* text must outlive *source, which must not move. */
void text_source_init(struct text_source *source, const char *text, size_t len);

#endif
