/*
 * How far an import or an export has got, for somebody who watches it, and a way to end it early.
 * The thread that works writes; any thread may read, and set `stop`. Without a watcher there is no
 * struct progress (NULL), and all functions here do nothing.
 */
#ifndef PGCOCO_BASE_PROGRESS_H
#define PGCOCO_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum progress_phase {
    PROGRESS_COPY,   /* rows are read and copied */
    PROGRESS_INDEX,  /* all rows are copied; they are checked, indexed and made ready */
    PROGRESS_PUBLISH /* readers hear of the leaf, then the pointer moves */
};

struct progress {
    _Atomic uint64_t
        bytes;             /* so far, of the file as it is stored, or of all files of a directory */
    _Atomic uint64_t rows; /* so far: results or annotations */
    atomic_bool stop;      /* the work shall fail with ERR_INTERRUPTED and change nothing */
    /* Called at the beginning of a phase; NULL: nobody wants to know. */
    void (*enter)(void *self, enum progress_phase phase);
    void *self;
};

static inline void progress_enter(struct progress *progress, enum progress_phase phase) {
    if (progress && progress->enter) progress->enter(progress->self, phase);
}

static inline void progress_set_rows(struct progress *progress, uint64_t rows) {
    if (progress) atomic_store_explicit(&progress->rows, rows, memory_order_relaxed);
}

/* Who opens a file counts its bytes: the caller where he gives a reader or a sink. */
static inline void progress_set_bytes(struct progress *progress, uint64_t bytes) {
    if (progress) atomic_store_explicit(&progress->bytes, bytes, memory_order_relaxed);
}

/* Whether the work may go on; ERR_INTERRUPTED when it may not. */
static inline bool progress_go_on(struct progress *progress, struct err *err) {
    return !progress || !atomic_load_explicit(&progress->stop, memory_order_relaxed) ||
           err_set(err, ERR_INTERRUPTED, "interrupted");
}

#endif
