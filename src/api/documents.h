/* Routes that one SQL function answers: its document is relayed as it is. */
#ifndef PGCOCO_API_DOCUMENTS_H
#define PGCOCO_API_DOCUMENTS_H

#include "api/exchange.h"

/* 200 with the document that sql gives for the parameters of the route. */
void document_get(struct exchange *x, const char *sql);

/* How many parameters a statement of a route has: at most EXCHANGE_PARAMETERS. */
int document_parameters(const char *sql);

/* 204 when sql has deleted what the parameters name. */
void document_delete(struct exchange *x, const char *sql);

/* Asks for a document on a connection for reads; false with *err filled. */
bool document_read(struct exchange *x, const char *sql, struct buf *into, struct err *err);

#endif
