/*
 * A thread beside an import or an export. It shows progress on standard error: on a terminal one
 * line that is rewritten, elsewhere a line per second. It handles INT, TERM and HUP: the first
 * signal asks the work to stop and, if it does not soon, cancels the statement in the database; the
 * second one ends the process, unless it is the same one within a tenth of a second.
 */
#ifndef PGCOCO_CLI_WATCH_H
#define PGCOCO_CLI_WATCH_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "store/cancel.h"
#include "store/db.h"

struct watch {
    struct progress progress; /* the work counts here */
    int stop_fd;              /* readable when the work must stop */
    bool shows;               /* show progress */
    bool on_terminal;
    /* Everything below is protected by the mutex. */
    pthread_mutex_t mutex;
    const char *label;    /* current file; NULL: none */
    const char *phase;    /* one word */
    const char *rows_are; /* "rows" or "annotations" */
    uint64_t total;       /* bytes; 0: not known */
    int64_t start_ms;
    int64_t shown_ms; /* time of the last line */
    bool line_is_open;
    const struct cancel *cancel; /* for the running statement; NULL: none */
    int signal;                  /* the first signal; 0: none */
    int64_t signal_ms;           /* when it came */
    bool is_unblocked;           /* the next signal ends the process by itself */
    int last_status;             /* if >= 0, a signal ends the process with this status */
    /* Used by the thread itself. */
    pthread_t thread;
    int signal_fd;
    int wake_fd;
    sigset_t old_signals;
};

/* Blocks the signals and starts the thread; no other thread may have been started before. quiet:
 * show no progress. ERR_BUSY if there are no resources. Otherwise call watch_stop at the end. */
bool watch_start(struct watch *watch, bool quiet, struct err *err);
void watch_stop(struct watch *watch);

/* Announces work on a file: its label, which must stay valid until watch_end; its bytes (0: not
 * known); and the word for its rows. Resets the counters. */
void watch_begin(struct watch *watch, const char *label, uint64_t total, const char *rows_are);

/* Announces the end. done: print a line with figures; otherwise only clear the line. */
void watch_end(struct watch *watch, bool done);

/* Work with the database. On failure fills err and returns false. */
typedef bool watched_work(void *self, struct err *err);

/* Works; meanwhile a signal also cancels the running statement. An interruption is told as such,
 * whatever the work has failed with. */
bool watch_work(struct watch *watch, const struct db *db, watched_work *work, void *self,
                struct err *err);

/* From now on the first signal ends the process with this status, because only cleaning up is left.
 * If a signal came before, the next one kills the process, as before this call. */
void watch_last(struct watch *watch, int status);

/* Returns the first signal; 0 if there was none. */
int watch_signal(struct watch *watch);

#endif
