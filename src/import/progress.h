/*
 * How far an import has got, for somebody who watches it, and a way to end it early. The import's
 * thread writes; any thread may read, and set `stop`. Without a watcher there is no struct progress
 * and all functions here do nothing.
 */
#ifndef PGCOCO_IMPORT_PROGRESS_H
#define PGCOCO_IMPORT_PROGRESS_H

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
        bytes; /* read so far of the file as it is stored, or of the directory's files */
    _Atomic uint64_t rows; /* read so far: results, or annotations of a ground truth */
    atomic_bool stop;      /* the import shall fail with ERR_INTERRUPTED and change nothing */
    /* The import calls it as it enters a phase; NULL: nobody wants to know. */
    void (*enter)(void *self, enum progress_phase phase);
    void *self;
};

static inline void progress_enter(struct progress *progress, enum progress_phase phase) {
    if (progress && progress->enter) progress->enter(progress->self, phase);
}

static inline void progress_set_rows(struct progress *progress, uint64_t rows) {
    if (progress) atomic_store_explicit(&progress->rows, rows, memory_order_relaxed);
}

/* For sources that the import opens itself; the caller who gives a reader counts its bytes. */
static inline void progress_set_bytes(struct progress *progress, uint64_t bytes) {
    if (progress) atomic_store_explicit(&progress->bytes, bytes, memory_order_relaxed);
}

/* Whether the import may go on; ERR_INTERRUPTED when it may not. */
static inline bool progress_go_on(struct progress *progress, struct err *err) {
    return !progress || !atomic_load_explicit(&progress->stop, memory_order_relaxed) ||
           err_set(err, ERR_INTERRUPTED, "the import was interrupted");
}

#endif
