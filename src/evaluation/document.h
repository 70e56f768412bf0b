/* Writes the numbers of an evaluation as JSON, for coco.evaluation_store and documents. */
#ifndef PGCOCO_EVALUATION_DOCUMENT_H
#define PGCOCO_EVALUATION_DOCUMENT_H

#include "base/buf.h"
#include "evaluation/numbers.h"
#include "evaluation/objects.h"
#include "evaluation/settings.h"

/* Appends the numbers of an evaluation but its curves, as coco.evaluation_store takes them. */
void document_write_numbers(struct buf *into, const struct numbers *numbers,
                            const struct objects *objects, const struct settings *settings,
                            const struct selection *selection);

/* Appends an object of what depends on the operating point, in the same form; classes have only
 * such members. */
void document_write_points(struct buf *into, const struct points *points,
                           const struct objects *objects, const struct settings *settings,
                           const struct selection *selection);

#endif
