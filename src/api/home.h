/* The page at /, with forms that import a file without JavaScript. */
#ifndef PGCOCO_API_HOME_H
#define PGCOCO_API_HOME_H

#include "api/exchange.h"

/* Answers with the page. The route's SQL lists the datasets. */
void home_get(struct exchange *x);

#endif
