/*
 * Analyzes new leaves, builds indexes of large ones, and drops those that no reader needs. The
 * database decides which (coco.maintenance). Readers never wait for it.
 */
#ifndef PGCOCO_STORE_MAINTENANCE_H
#define PGCOCO_STORE_MAINTENANCE_H

#include <stdbool.h>

#include "base/err.h"

struct maintenance_settings {
    unsigned grace_s; /* leave unfinished imports alone that were active within this time */
    unsigned keep_s;  /* keep a replaced leaf, detached, for this time */
    /* How long, and how many, ended imports stay in the history. */
    unsigned history_days;
    unsigned history_rows;
    bool no_preparations; /* leave indexes that serve lists of images to others */
};

struct maintenance_done {
    unsigned analyzed;
    unsigned dropped;
    unsigned prepared;  /* indexes built, and coco.image_keys filled or emptied for an import */
    unsigned forgotten; /* rows of the history */
    /* Commands that failed, mostly because a session blocked them. The next run tries again, but
     * leaves an ANALYZE to autovacuum. */
    unsigned postponed;
    bool elsewhere; /* another process collects, so this one dropped nothing */
};

/* Logs a warning if the database has nearly as many leaves as fit its lock table, and if it lacks a
 * setting, which a restore may have lost. */
bool maintenance_warn(const char *conninfo, struct err *err);

/* Collects over two connections of its own. Several processes may run it at once: each waits up to
 * wait_s for another to end, and otherwise drops nothing (done->elsewhere). A command that fails is
 * logged and counted as postponed. Returns false if the database could not be asked. */
bool maintenance_run(const char *conninfo, const struct maintenance_settings *settings,
                     unsigned wait_s, struct maintenance_done *done, struct err *err);

#endif
