/*
 * Analyzes new leaves and drops those that no reader needs any more. The database says which
 * (coco.maintenance); readers never wait for it.
 */
#ifndef PGCOCO_STORE_MAINTENANCE_H
#define PGCOCO_STORE_MAINTENANCE_H

#include <stdbool.h>

#include "base/err.h"

struct maintenance_settings {
    unsigned grace_s; /* leaves an import alone that has stood still for less than this */
    unsigned keep_s;  /* keeps a replaced leaf for this long, detached */
    unsigned wait_s;  /* waits this long for its turn to drop while another process has it */
    /* How long and how many ended imports stay in the history. */
    unsigned history_days;
    unsigned history_rows;
};

struct maintenance_done {
    unsigned analyzed;
    unsigned dropped;
    unsigned forgotten; /* rows of the history */
    unsigned postponed; /* a session was in the way: the next run tries again */
    bool elsewhere;     /* another process drops, so this one did not */
};

/* Logs a warning when the database has nearly as many leaves as its lock table has room for, and
 * when it lacks a setting, as a restored one does. */
bool maintenance_warn(const char *conninfo, struct err *err);

/* Opens two connections of its own and closes them. It may run in several processes at once. A
 * command that fails is logged and counted as postponed; false means that the database could not
 * be asked at all. */
bool maintenance_run(const char *conninfo, const struct maintenance_settings *settings,
                     struct maintenance_done *done, struct err *err);

#endif
