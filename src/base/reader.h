/*
 * A source of bytes. Readers form a chain (request, multipart, decoder, ...): each reads from the
 * one before.
 */
#ifndef PGCOCO_BASE_READER_H
#define PGCOCO_BASE_READER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct reader {
    /* Puts 1..room bytes into `into` and returns how many. Returns 0 only at the proper end, if all
     * that is known of the source (its length, its closing boundary) says that it is complete;
     * otherwise -1, with *err filled. room > 0. Must not be called again after 0 or -1. */
    ssize_t (*read)(void *self, char *into, size_t room, struct err *err);
    void *self;
};

static inline ssize_t reader_read(const struct reader *reader, char *into, size_t room,
                                  struct err *err) {
    return reader->read(reader->self, into, room, err);
}

#endif
