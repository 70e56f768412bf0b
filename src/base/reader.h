/*
 * A source of bytes. Stations of the body (request, multipart, a file in a test) are chained by it:
 * each reads from the one before.
 */
#ifndef PGCOCO_BASE_READER_H
#define PGCOCO_BASE_READER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct reader {
    /* Puts 1..room bytes into `into` and returns how many; 0 at the *proper* end, when everything
     * that can be known of the source (its length, its closing boundary) says it is complete; -1
     * with *err filled otherwise. room > 0. After 0 or -1 it is not called again. */
    ssize_t (*read)(void *self, char *into, size_t room, struct err *err);
    void *self;
};

static inline ssize_t reader_read(const struct reader *reader, char *into, size_t room,
                                  struct err *err) {
    return reader->read(reader->self, into, room, err);
}

#endif
