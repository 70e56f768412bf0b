/* Loads a directory of detection_annotation files into the leaf of a run. */
#ifndef PGCOCO_IMPORT_LOAD_DIRECTORY_H
#define PGCOCO_IMPORT_LOAD_DIRECTORY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "import/directory.h"
#include "import/load.h"

enum {
    RUN_NAME_FILES = 100 /* how many files are searched for a run name */
};

/* Loads the rows of all files, numbered across files. A malformed file counts as one skipped row.
 * leaf: its name, quoted. dataset_id: decimal. */
bool load_directory(struct load *load, const char *leaf, const char *dataset_id,
                    struct directory *directory, struct err *err);

/* Appends the run name of the first file that has one (detection_run_name); nothing if none of the
 * first RUN_NAME_FILES files does. Rewinds the directory. */
bool load_directory_run_name(struct directory *directory, struct buf *into, struct err *err);

#endif
