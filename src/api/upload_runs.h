/*
 * The runs that the files of an upload become: the run that the request names, or one per file,
 * named after it. Two files of an upload must not become the same run, because the later one would
 * silently replace the earlier one.
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

/* All zero at first, except for `given`. */
struct upload_runs {
    const char *given; /* name of the run; "": name runs after files */
    size_t count;      /* files added */
    size_t taken;      /* how many of these upload_runs_next has returned */
    char names[UPLOAD_RUNS_MAX][RUN_NAME_ROOM];
};

/* Adds the run of a file. ERR_BAD_REQUEST if another file becomes the same run, if `given` names
 * only one run, if there is no name, or if there are too many files. */
bool upload_runs_add(struct upload_runs *runs, const char *filename, struct err *err);

/* Returns the name of the next run; valid as long as *runs. */
const char *upload_runs_next(struct upload_runs *runs);

#endif
