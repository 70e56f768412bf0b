/* Routes that send a file: the predictions of a run, or the ground truth of a dataset. */
#ifndef PGCOCO_API_EXPORT_H
#define PGCOCO_API_EXPORT_H

#include "api/exchange.h"

/* Streams the file that the route's SQL (export/export.h) describes, as fast as the client reads
 * it. All rows come from one snapshot. */
void export_get(struct exchange *x);

#endif
