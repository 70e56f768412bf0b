/*
 * Finishes the annotations of a ground truth that need the whole file: masks are measured in images
 * of known size, and SQL puts in the ids of images that are texts, and ids for rows without one.
 */
#ifndef PGCOCO_IMPORT_FINISH_ANNOTATIONS_H
#define PGCOCO_IMPORT_FINISH_ANNOTATIONS_H

#include <stdbool.h>

#include "base/err.h"
#include "import/load.h"

/* Writes the leaf anew. Call it between the checks of the stages and of the annotations, if
 * facts->unfinished; no copy may be open. import_id is decimal. Rows that cannot be finished are
 * counted as skipped. Masks pass in pages, so the memory is that of one element. */
bool finish_annotations(struct load *load, const struct dataset_facts *facts, const char *import_id,
                        struct err *err);

#endif
