/* The page at /: forms that import a file without JavaScript. */
#ifndef PGCOCO_API_HOME_H
#define PGCOCO_API_HOME_H

#include "api/exchange.h"

/* sql: gives the datasets in a line each. */
void home_get(struct exchange *x, const char *sql);

#endif
