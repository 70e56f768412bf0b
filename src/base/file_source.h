/* An open file descriptor as a source of bytes. */
#ifndef PGCOCO_BASE_FILE_SOURCE_H
#define PGCOCO_BASE_FILE_SOURCE_H

#include <stdint.h>

#include "base/reader.h"

struct file_source {
    struct reader
        reader; /* ERR_BODY_TOO_LARGE beyond max_bytes, ERR_INTERNAL if it cannot be read */
    int fd;
    uint64_t max_bytes; /* 0: no limit */
    uint64_t received;
};

/* fd, the caller's to close, must outlive *source, which must stay where it is. */
void file_source_init(struct file_source *source, int fd, uint64_t max_bytes);

#endif
