/*
 * match=name for a file whose own images or categories come after its rows. The rows have been
 * copied with the file's ids; SQL matches them and writes the leaf again.
 */
#ifndef PGCOCO_IMPORT_MATCH_LATE_H
#define PGCOCO_IMPORT_MATCH_LATE_H

#include <stdbool.h>

#include "import/load.h"
#include "import/own_ids.h"

/* Keeps the rows whose ids have a counterpart, in their order, and counts the others as skipped.
 * The leaf must have been widened for own ids, and no copy may be open. If the ids of one kind are
 * not complete, because the file has none of its own, the rows have the dataset's ids;
 * load->category_offset is then added to categories. numbers: the images are not ids of the file's
 * own, but numbers that file names are, for messages. Writes the counts by class into the load.
 * ERR_NOTHING_TAKEN if there were rows and none is left. */
bool match_late(struct load *load, const char *leaf, const char *dataset_id,
                const struct own_ids *images, const struct own_ids *categories, bool numbers,
                struct err *err);

#endif
