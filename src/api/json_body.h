/* Bodies that are one JSON object and not a COCO file. They are kept in memory, for a function of
 * the database that judges what they ask for. Here they are only checked to be JSON, because
 * PostgreSQL does not say where JSON is wrong. */
#ifndef PGCOCO_API_JSON_BODY_H
#define PGCOCO_API_JSON_BODY_H

#include "api/exchange.h"

/* Appends the body, unpacked. ERR_BODY_TOO_LARGE if it has more than max bytes. */
bool json_body_read(struct exchange *x, uint64_t max, struct buf *into, struct err *err);

#endif
