/* Routes that give back a file: the predictions of a run, the ground truth of a dataset. */
#ifndef PGCOCO_API_EXPORT_H
#define PGCOCO_API_EXPORT_H

#include "api/exchange.h"

/* sql: asks for the parts of the file (sql/schema.sql, exports), with the {} of the route as $1 and $2. The rows of
 * each part are streamed as the client takes them, from one snapshot. */
void export_get(struct exchange *x, const char *sql);

#endif
