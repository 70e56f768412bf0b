/*
 * What is done after the answer: analyze fresh leaves, drop those that no pointer names. The
 * database says what to do (coco.maintenance); readers never wait for it.
 */
#ifndef PGCOCO_STORE_MAINTENANCE_H
#define PGCOCO_STORE_MAINTENANCE_H

#include <stdbool.h>

#include "base/err.h"

struct maintenance_done {
    unsigned analyzed;
    unsigned dropped;
    unsigned postponed; /* somebody is reading: the next time */
    bool elsewhere;     /* another process is collecting, to which the dropping is left */
};

/* Logs a warning when there will soon be more leaves than the database has room for in its table of locks. */
bool maintenance_warn(const char *conninfo, struct err *err);

/* Over a connection of its own. grace_s: how many seconds an import that seems abandoned is left
 * alone; wait_s: how many to wait for the turn to drop, while another process has it. Running it in
 * several processes at once is harmless. */
bool maintenance_run(const char *conninfo, unsigned grace_s, unsigned wait_s,
                     struct maintenance_done *done, struct err *err);

#endif
