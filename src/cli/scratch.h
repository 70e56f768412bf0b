/*
 * A dataset that lasts as long as a command: two files are imported, evaluated, and deleted. Its
 * name is SCRATCH_PREFIX and a token, so that one whose command was killed is recognised. Such a
 * dataset is deleted by a later command, a day after it was made.
 */
#ifndef PGCOCO_CLI_SCRATCH_H
#define PGCOCO_CLI_SCRATCH_H

#include <stdbool.h>

#include "cli/import.h"
#include "import/run_name.h"

#define SCRATCH_PREFIX "pgcoco-evaluate-"

struct scratch {
    struct importer *importer; /* connected */
    char dataset[RUN_NAME_ROOM];
    char run[RUN_NAME_ROOM];
    bool is_made; /* the dataset may exist */
};

/* Imports both files; their outcomes go to standard error. False after a message there. Call
 * scratch_delete in any case. */
bool scratch_import(struct scratch *scratch, struct importer *importer, const char *ground_truth,
                    const char *results);

/* Deletes the dataset, also after a signal. False after a message that says how to delete it. */
bool scratch_delete(struct scratch *scratch);

#endif
