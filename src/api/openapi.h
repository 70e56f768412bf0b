/* Describes all routes for programs: one OpenAPI 3.1 document, made of the table of routes, the
 * table of parameters, the table of errors and the files of schemas/. */
#ifndef PGCOCO_API_OPENAPI_H
#define PGCOCO_API_OPENAPI_H

#include "api/exchange.h"
#include "base/buf.h"

/* Writes the document. */
void openapi_write(struct buf *into);

/* GET /openapi.json. A client that prefers pages gets that of api/reference. */
void openapi_get(struct exchange *x);

#endif
