/* Routes that one SQL function answers: its JSON document is relayed as it is. */
#ifndef PGCOCO_API_DOCUMENTS_H
#define PGCOCO_API_DOCUMENTS_H

#include "api/exchange.h"

/* 200 with the document of the route's SQL. */
void document_get(struct exchange *x);

/* 204 when the route's SQL has deleted something. */
void document_delete(struct exchange *x);

/* Appends the document of the route's SQL, read on a connection for reads. */
bool document_read(struct exchange *x, struct buf *into, struct err *err);

/* The parameters of the route's SQL: sets params[i] to the value of $i+1, which lies in *x, and
 * returns how many there are. params: room for ROUTE_PARAMETERS. */
int document_parameters(const struct exchange *x, const char **params);

#endif
