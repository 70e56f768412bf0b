/*
 * Writes a tar file (POSIX.1-2001) to a sink, member by member. The size of a member comes before
 * its bytes. A name that is not plain ASCII of at most 100 bytes gets a pax header.
 */
#ifndef PGCOCO_EXPORT_TAR_H
#define PGCOCO_EXPORT_TAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sink.h"
#include "base/slice.h"

struct tar {
    const struct sink *sink;
    int64_t made_at; /* of all members, in seconds since 1970 */
    uint64_t size;   /* of the member that is written */
    uint64_t written;
};

/* sink must outlive *tar. */
void tar_open(struct tar *tar, const struct sink *sink, int64_t made_at);

/* Begins a regular file; the one before must be complete. name: a relative path without "..". */
bool tar_begin(struct tar *tar, struct slice name, uint64_t size, struct err *err);

/* Writes more of the file. ERR_INTERNAL if it is then larger than its size. */
bool tar_put(struct tar *tar, struct slice bytes, struct err *err);

/* Ends the tar. Without that it is visibly cut off. */
bool tar_finish(struct tar *tar, struct err *err);

#endif
