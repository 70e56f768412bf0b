/* From a request to what answers it: finds the route and reads its parameters. */
#ifndef PGCOCO_API_ROUTE_H
#define PGCOCO_API_ROUTE_H

#include "api/service.h"
#include "http/request.h"

/* Answers one request, whatever it is. */
void route_request(struct service *service, struct request *request);

#endif
