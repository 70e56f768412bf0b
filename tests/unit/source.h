/*
 * A body in memory as a source that hands it out in pieces. Behind the bytes it gives it leaves
 * junk in the caller's room, so that a parser that reads too far sees something that matters. It
 * insists on the contract of struct reader: never called with no room, nor after its end.
 */
#ifndef PGCOCO_TESTS_UNIT_SOURCE_H
#define PGCOCO_TESTS_UNIT_SOURCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/reader.h"

struct source {
    struct reader reader;
    const char *bytes;
    size_t len;
    size_t at;
    size_t first; /* bytes the first read gives */
    size_t chunk; /* bytes every other read gives at the most */
    bool gone;    /* at the end, say that the client has gone */
    bool ended;
};

static inline ssize_t source_read(void *self, char *into, size_t room, struct err *err) {
    static const char junk[] = "7]}\",:[{9\r\n--e\\";
    struct source *source = self;
    assert_true(room > 0);
    assert_false(source->ended);
    if (source->at == source->len) {
        source->ended = true;
        if (!source->gone) return 0;
        err_set(err, ERR_CLIENT_GONE, "the client has gone");
        return -1;
    }
    size_t len = source->at == 0 ? source->first : source->chunk;
    if (len > source->len - source->at) len = source->len - source->at;
    if (len > room) len = room;
    memcpy(into, source->bytes + source->at, len);
    source->at += len;
    size_t spare = room - len < sizeof junk - 1 ? room - len : sizeof junk - 1;
    memcpy(into + len, junk, spare);
    return (ssize_t)len;
}

/* The source must stay where it is as long as its reader is used. */
static inline void source_init(struct source *source, const char *bytes, size_t len, size_t first,
                               size_t chunk) {
    *source = (struct source){
        .reader = {.read = source_read, .self = source},
        .bytes = bytes,
        .len = len,
        .first = first,
        .chunk = chunk,
    };
}

/* A random number, the same in every run: xorshift64* (Vigna 2016). */
static inline uint64_t random_next(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static inline size_t random_below(uint64_t *state, size_t limit) {
    return (size_t)(random_next(state) >> 32) % limit;
}

#endif
