/*
 * match=name for a file whose own images or categories come after its rows. The rows were copied
 * with the file's ids; SQL matches them and writes them a second time.
 */
#ifndef PGCOCO_IMPORT_MATCH_LATE_H
#define PGCOCO_IMPORT_MATCH_LATE_H

#include <stdbool.h>

#include "import/load.h"
#include "import/own_ids.h"

/* Keeps the rows whose ids have a counterpart, in their order, and counts the others as skipped.
 * The leaf has been widened for own ids, and no copy is open. Ids that are not complete, because
 * the file has none of its own, are the dataset's; load->category_offset is added to categories.
 * Writes the counts by class into the load. ERR_NOTHING_TAKEN when there were rows and none is
 * left. */
bool match_late(struct load *load, const char *leaf, const char *dataset_id,
                const struct own_ids *images, const struct own_ids *categories, struct err *err);

#endif
