/*
 * A thread beside an import or an export. It shows on standard error how far the work is: a line
 * that stays in its place on a terminal, a line a second elsewhere. And it ends the work on INT,
 * TERM and HUP: the first signal asks the work to stop and cancels what the database does; the
 * second ends the process.
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
    int stop_fd;              /* readable once the work shall stop */
    bool shows;               /* progress is wanted */
    bool on_terminal;
    /* Everything below is under the mutex. */
    pthread_mutex_t mutex;
    const char *label;    /* what is worked on, NULL: nothing */
    const char *phase;    /* one word */
    const char *rows_are; /* "rows" */
    uint64_t total;       /* bytes to read; 0: not known */
    int64_t start_ms;
    int64_t shown_ms; /* when the last line was shown */
    bool line_is_open;
    const struct cancel *cancel; /* of the statement at work; NULL: there is none */
    int signal;                  /* the first one that came; 0: none */
    int last_status; /* < 0: work can be stopped; else the process ends with it at once */
    /* The thread's own. */
    pthread_t thread;
    int signal_fd;
    int wake_fd;
    sigset_t old_signals;
};

/* Starts the thread and takes the signals; before it no thread may have been started. quiet: shows
 * no progress. ERR_BUSY when that cannot be had; otherwise the caller stops it. */
bool watch_start(struct watch *watch, bool quiet, struct err *err);
void watch_stop(struct watch *watch);

/* Work on something begins: its name, which must outlive it, its bytes (0: not known), and what its
 * rows are called. Sets the counters to 0. */
void watch_begin(struct watch *watch, const char *label, uint64_t total, const char *rows_are);

/* It has ended; says so with figures when it was done, else only clears the line. */
void watch_end(struct watch *watch, bool done);

/* The database works for us, with this to cancel it; NULL: no more. */
void watch_database(struct watch *watch, const struct cancel *cancel);

/* Only tidying up is left: a signal now ends the process with this status. */
void watch_last(struct watch *watch, int status);

/* The signal that came; 0: none. */
int watch_signal(struct watch *watch);

#endif
