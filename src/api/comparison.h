/* The route that compares two runs. */
#ifndef PGCOCO_API_COMPARISON_H
#define PGCOCO_API_COMPARISON_H

#include "api/exchange.h"

/* GET /datasets/{dataset}/comparison */
void comparison_get(struct exchange *x);

#endif
