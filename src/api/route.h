/* Finds the route of a request, reads its parameters and calls its handler. */
#ifndef PGCOCO_API_ROUTE_H
#define PGCOCO_API_ROUTE_H

#include "api/service.h"
#include "http/request.h"

/* What a request is to those who share the threads among requests. */
enum route_kind {
    ROUTE_HEALTH,     /* whether the process answers */
    ROUTE_UPLOAD,     /* reads its body */
    ROUTE_EXPORT,     /* lasts as long as its client reads */
    ROUTE_EVALUATION, /* computes: an ROUTE_OTHER that was put off (request->is_deferred) */
    ROUTE_OTHER       /* everything else, and requests that no route matches */
};

/* Never ROUTE_EVALUATION: whether numbers must be computed only shows when they are looked for. */
enum route_kind route_kind(const struct request *request);

/* Answers one request, in any case but one: if request->may_defer, the request may be deferred. */
void route_request(struct service *service, struct request *request);

#endif
