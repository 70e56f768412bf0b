/*
 * The runs that the files of an upload become: the run that the request names, or one a file,
 * called after it. No two files of an upload may become the same run: the later one would replace
 * the earlier one, which nobody asked for.
 */
#ifndef PGCOCO_API_UPLOAD_RUNS_H
#define PGCOCO_API_UPLOAD_RUNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "import/run_name.h"

enum {
    UPLOAD_RUNS_MAX = 100 /* files of an upload */
};

/* All zero, but for given: no file is known. */
struct upload_runs {
    const char *given; /* the run's name; "": runs are named after their files */
    size_t count;      /* files known */
    size_t taken;      /* of those, given out by upload_runs_next */
    char names[UPLOAD_RUNS_MAX][RUN_NAME_ROOM];
};

/* Adds the run of a file. ERR_BAD_REQUEST when there can be none: another file becomes this run,
 * the name that was given is taken, or there are too many files. */
bool upload_runs_add(struct upload_runs *runs, const char *filename, struct err *err);

/* The name of the next run that was added; valid as long as *runs. */
const char *upload_runs_next(struct upload_runs *runs);

#endif
