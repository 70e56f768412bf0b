/* Finds the route of a request, reads its parameters and calls its handler. */
#ifndef PGCOCO_API_ROUTE_H
#define PGCOCO_API_ROUTE_H

#include "api/service.h"
#include "http/request.h"

/* Answers one request, in any case. */
void route_request(struct service *service, struct request *request);

#endif
