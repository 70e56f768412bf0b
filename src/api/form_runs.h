/*
 * The runs of one form: each of its files becomes one, called after the file. No two of a form may have the same
 * name, or the later would replace the earlier one unasked.
 */
#ifndef PGCOCO_API_FORM_RUNS_H
#define PGCOCO_API_FORM_RUNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "import/run_name.h"

enum {
    FORM_RUNS_MAX = 100 /* of one form */
};

struct form_runs {
    size_t count;    /* files whose name is known */
    size_t imported; /* of those, imported */
    char names[FORM_RUNS_MAX][RUN_NAME_ROOM];
    struct buf documents; /* of the imports, one after the other */
};

void form_runs_init(struct form_runs *runs);
void form_runs_free(struct form_runs *runs);

/* Adds a run by its name. ERR_BAD_REQUEST when the form has it already, or there are too many. */
bool form_runs_add(struct form_runs *runs, const char *name, struct err *err);

/* Keeps the document of the import of the next of them. */
void form_runs_imported(struct form_runs *runs, struct buf *document);

/* {"runs": [documents], "message"} */
void form_runs_write(const struct form_runs *runs, bool dry_run, struct buf *into);

/* The members that a problem has when it is a later file's: `, "file": …, "published": [names]`. Nothing for the
 * first file. filename: as the form had it. */
void form_runs_write_problem(const struct form_runs *runs, bool dry_run, const char *filename,
                             struct buf *into);

#endif
