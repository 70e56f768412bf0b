/* A destination of bytes: the counterpart of a reader. */
#ifndef PGCOCO_BASE_SINK_H
#define PGCOCO_BASE_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct sink {
    /* Takes all len bytes, or fills *err and returns false. Must not be called again after that. */
    bool (*put)(void *self, const char *bytes, size_t len, struct err *err);
    void *self;
};

static inline bool sink_put(const struct sink *sink, const char *bytes, size_t len,
                            struct err *err) {
    return sink->put(sink->self, bytes, len, err);
}

#endif
