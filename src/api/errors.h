/* Routes that answer from coco.matches, what became of each detection of a run. The first request
 * makes the rows. */
#ifndef PGCOCO_API_ERRORS_H
#define PGCOCO_API_ERRORS_H

#include "api/exchange.h"

/* Answers 200 with the document of the route's SQL. */
void errors_get(struct exchange *x);

#endif
