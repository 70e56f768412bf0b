/* Answers for a supervisor (is the process alive?) and a load balancer (can it do its work?). */
#ifndef PGCOCO_API_HEALTH_H
#define PGCOCO_API_HEALTH_H

#include "api/exchange.h"

/* Answers 200 if the process can answer at all. Does not ask the database: restarting this process
 * would not bring that back. */
void health_get(struct exchange *x);

/* Answers 200 if an import can begin, otherwise 503 with a problem document that says what is
 * wrong. Uses a connection of its own, so that running imports and reads cannot make it fail. */
void readiness_get(struct exchange *x);

#endif
