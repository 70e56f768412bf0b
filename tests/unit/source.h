/*
 * A body in memory as a reader that gives it in pieces. After the bytes that it gives, it fills the
 * caller's room with junk, so that a parser that reads too far notices. It checks the contract of
 * struct reader: never called without room, nor after the end.
 */
#ifndef PGCOCO_TESTS_UNIT_SOURCE_H
#define PGCOCO_TESTS_UNIT_SOURCE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef assert_true /* fuzz.h has assertions of its own */
#include <setjmp.h>

#include <cmocka.h>
#endif

#include "base/reader.h"
#include "random.h"

struct source {
    struct reader reader;
    const char *bytes;
    size_t len;
    size_t at;
    size_t first; /* size of the first read */
    size_t chunk; /* largest size of other reads */
    bool gone;    /* report ERR_CLIENT_GONE at the end */
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

/* The source must not move while its reader is used. */
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

#endif
