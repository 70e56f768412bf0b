/* Routes that give back a file: the predictions of a run, the ground truth of a dataset. */
#ifndef PGCOCO_API_EXPORT_H
#define PGCOCO_API_EXPORT_H

#include "api/exchange.h"

/* The route's SQL gives the parts of the file, in order: text, a COPY statement whose rows follow
 * it (null: none), and the name of the file without its ending. Rows are streamed as fast as the
 * client takes them, all from one snapshot. */
void export_get(struct exchange *x);

#endif
