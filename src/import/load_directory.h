/* A directory of detection_annotation files into the leaf of a run. */
#ifndef PGCOCO_IMPORT_LOAD_DIRECTORY_H
#define PGCOCO_IMPORT_LOAD_DIRECTORY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "import/directory.h"
#include "import/load.h"

enum {
    RUN_NAME_FILES = 100 /* so many are asked for the run's name */
};

/* The rows of all files, numbered through. A file that is none is one row skipped. leaf: quoted by the
 * database; dataset_id: decimal. */
bool load_directory(struct load *load, const char *leaf, const char *dataset_id,
                    struct directory *directory, struct err *err);

/* Appends what the first file that says something says about its source and date; nothing when none of the first
 * does. The directory begins anew. */
bool load_directory_run_name(struct directory *directory, struct buf *into, struct err *err);

#endif
