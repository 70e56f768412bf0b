/* Reads an open file descriptor. */
#ifndef PGCOCO_BASE_FILE_SOURCE_H
#define PGCOCO_BASE_FILE_SOURCE_H

#include <stdint.h>

#include "base/reader.h"

struct file_source {
    struct reader reader; /* ERR_BODY_TOO_LARGE above max_bytes; ERR_INTERNAL if read(2) fails */
    int fd;
    uint64_t max_bytes; /* 0: no limit */
    uint64_t received;  /* bytes read so far */
};

/* fd stays open and belongs to the caller. *source must not move while it is used. */
void file_source_init(struct file_source *source, int fd, uint64_t max_bytes);

#endif
