/* What the import of a ground truth has made up for its file, in sentences for the answer. */
#ifndef PGCOCO_IMPORT_NOTES_H
#define PGCOCO_IMPORT_NOTES_H

#include "base/buf.h"
#include "import/load.h"

enum {
    NOTES_MAX = 4 * 1024 /* bytes */
};

/* Appends a JSON array of sentences. Call it after all checks. */
void notes_write(const struct load *load, const struct dataset_facts *facts, struct buf *into);

#endif
