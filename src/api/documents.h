/* Routes that one SQL function answers. Its JSON document is passed on unchanged. */
#ifndef PGCOCO_API_DOCUMENTS_H
#define PGCOCO_API_DOCUMENTS_H

#include "api/exchange.h"

/* Answers 200 with the document of the route's SQL, or 304 if the client has it. */
void document_get(struct exchange *x);

/* Runs the route's SQL, which deletes something, and answers 204. */
void document_delete(struct exchange *x);

/* Appends the document of the route's SQL, read over a connection for reads. If the client has its
 * version (version_is_known), the document is not read. */
bool document_read(struct exchange *x, struct buf *into, struct err *err);

/* Collects the parameters of the route's SQL: sets params[i] to the value of $i+1, which lies in
 * *x, and returns their number. params: room for ROUTE_PARAMETERS. */
int document_parameters(const struct exchange *x, const char **params);

#endif
