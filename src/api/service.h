/* What all requests of a process share. Nothing in it changes once the first request is read. */
#ifndef PGCOCO_API_SERVICE_H
#define PGCOCO_API_SERVICE_H

#include "http/body.h"
#include "store/pool.h"
#include "json/tokens.h"

struct service {
    struct body_limits body_limits;
    struct json_limits json_limits;
    int import_dir;          /* descriptor; requests may name files in it; -1: none */
    struct pool *long_pool;  /* imports */
    struct pool *short_pool; /* reads */
    struct pool *probe_pool; /* one connection, of /readyz */
    /* Called when there is something to analyze or to collect. */
    void (*wake_maintenance)(void *self);
    void *maintenance;
};

#endif
