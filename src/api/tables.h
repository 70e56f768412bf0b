/* Writes the tables of doc/api.md that describe routes, parameters and errors. */
#ifndef PGCOCO_API_TABLES_H
#define PGCOCO_API_TABLES_H

#include "base/buf.h"

/* Writes three tables in Markdown: routes, parameters, errors. Each stands between two comments,
 * as it does in doc/api.md. */
void tables_write(struct buf *into);

#endif
