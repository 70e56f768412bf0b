/*
 * The progress of an import, an export or an evaluation, for display, and ways to end it early. The
 * working thread writes; any thread may read, and set `stop`. If nobody watches, the pointer is
 * NULL and all functions here do nothing.
 */
#ifndef PGCOCO_BASE_PROGRESS_H
#define PGCOCO_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum progress_phase {
    PROGRESS_COPY,    /* reads and copies rows */
    PROGRESS_INDEX,   /* all rows are copied; checks and indexes them */
    PROGRESS_PUBLISH, /* attaches and announces the leaf, then moves the pointer */
    PROGRESS_READ,    /* an evaluation reads rows */
    PROGRESS_COMPUTE, /* ... computes numbers from them */
    PROGRESS_STORE    /* ... stores the numbers */
};

enum {
    PROGRESS_ASK_MS = 250
};

/* What may end the work from outside. All zero: nothing. */
struct progress_limits {
    bool (*is_gone)(void *client); /* true if nobody waits for the answer any more; NULL: unknown */
    void *client;
    unsigned seconds; /* longest duration; 0: not limited */
    int64_t begun_ms; /* of clock_ms() */
};

struct progress {
    _Atomic uint64_t bytes; /* read or written so far, as stored in the file or files */
    _Atomic uint64_t rows;  /* results, annotations or rows so far */
    atomic_bool stop;       /* the work must fail with ERR_INTERRUPTED and change nothing */
    /* Called at the start of a phase; may be NULL. */
    void (*enter)(void *self, enum progress_phase phase);
    void *self;
    struct progress_limits limits;
    /* For progress_go_on. */
    int64_t asked_ms;
    enum err_code end;
};

static inline void progress_enter(struct progress *progress, enum progress_phase phase) {
    if (progress && progress->enter) progress->enter(progress->self, phase);
}

static inline void progress_set_rows(struct progress *progress, uint64_t rows) {
    if (progress) atomic_store_explicit(&progress->rows, rows, memory_order_relaxed);
}

/* Called by the code that opens the file: the caller if it passes a reader or a sink. */
static inline void progress_set_bytes(struct progress *progress, uint64_t bytes) {
    if (progress) atomic_store_explicit(&progress->bytes, bytes, memory_order_relaxed);
}

/* Returns true if the work may go on. Else false: ERR_INTERRUPTED, ERR_CLIENT_GONE or
 * ERR_TOOK_TOO_LONG, from then on always the same. Asks for the client at most every
 * PROGRESS_ASK_MS. For the working thread only. */
bool progress_go_on(struct progress *progress, struct err *err);

#endif
