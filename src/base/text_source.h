/* Text that lies in memory, as a source for who reads from one. */
#ifndef PGCOCO_BASE_TEXT_SOURCE_H
#define PGCOCO_BASE_TEXT_SOURCE_H

#include <stddef.h>

#include "base/reader.h"

struct text_source {
    struct reader reader;
    const char *text; /* what has not been read yet */
    size_t len;
};

/* text must outlive *source, which must stay where it is. */
void text_source_init(struct text_source *source, const char *text, size_t len);

#endif
