/* Finds the route of a request, reads its parameters and calls its handler. */
#ifndef PGCOCO_API_ROUTE_H
#define PGCOCO_API_ROUTE_H

#include "api/service.h"
#include "http/request.h"

/* What a request is to those who share the threads among requests. */
enum route_kind {
    ROUTE_HEALTH, /* whether the process answers */
    ROUTE_UPLOAD, /* reads its body */
    ROUTE_EXPORT, /* lasts as long as its client reads */
    ROUTE_OTHER   /* everything else, and requests that no route matches */
};

enum route_kind route_kind(const struct request *request);

/* Answers one request, in any case. */
void route_request(struct service *service, struct request *request);

#endif
