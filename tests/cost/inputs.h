/*
 * Kinds of input that a client may send, each made from a few numbers, so that a search can find
 * those that cost most.
 */
#ifndef PGCOCO_TESTS_COST_INPUTS_H
#define PGCOCO_TESTS_COST_INPUTS_H

#include <stdint.h>

#include "base/buf.h"

enum {
    KNOBS_MAX = 8
};

/* A number that the search may choose, from min to max. */
struct knob {
    const char *name; /* NULL ends the list */
    long min;
    long max;
};

enum input_way {
    WAY_RESULTS,      /* a results file */
    WAY_MATCHED,      /* a results file with match=name */
    WAY_GROUND_TRUTH, /* a ground truth */
    WAY_DIRECTORY,    /* detection_annotation files, each ended by a NUL */
    WAY_FORM,         /* a form with the boundary "b"; its file is a results file */
    WAY_QUERY         /* a query string */
};

struct input_kind {
    const char *name;
    enum input_way way;
    struct knob knobs[KNOBS_MAX + 1];
    /* Appends an input of some `bytes` bytes made with these values of the knobs. */
    void (*make)(const long *values, size_t bytes, struct buf *into);
};

/* Ends with a name that is NULL. */
extern const struct input_kind input_kinds[];

#endif
