/* What a supervisor and a load balancer ask: is the process alive, and can it do its work? */
#ifndef PGCOCO_API_HEALTH_H
#define PGCOCO_API_HEALTH_H

#include "api/exchange.h"

/* 200 whenever the process answers. Asks no database: a restart would not help one that is away. */
void health_get(struct exchange *x);

/* 200 when an import can begin, otherwise 503 with a problem that says what is wrong. Uses a
 * connection of its own, so running imports and reads cannot make it fail. */
void readiness_get(struct exchange *x);

#endif
