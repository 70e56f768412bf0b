/* Describes all routes for people: one page, made of the same tables as api/openapi. */
#ifndef PGCOCO_API_REFERENCE_H
#define PGCOCO_API_REFERENCE_H

#include "api/exchange.h"
#include "base/buf.h"

/* Writes the page. */
void reference_write(struct buf *into);

/* GET /reference */
void reference_get(struct exchange *x);

#endif
