/*
 * match=name for a file whose own images or categories come behind its rows: they were copied with the ids of the file,
 * and are matched where they lie. Costs the rows once more.
 */
#ifndef PGCOCO_IMPORT_MATCH_LATE_H
#define PGCOCO_IMPORT_MATCH_LATE_H

#include <stdbool.h>

#include "import/load.h"
#include "import/own_ids.h"

/* Leaves in the leaf (widened for own ids, no copy open) the rows whose ids have a counterpart, in their order, and accounts for
 * the others; then there is at least one left if there were any. Ids that are not complete (the file brings none) are
 * the dataset's, categories shifted by load->category_offset. Writes the counts by class into the load. */
bool match_late(struct load *load, const char *leaf, const char *dataset_id,
                const struct own_ids *images, const struct own_ids *categories, struct err *err);

#endif
