/* Shared by all requests of the process. Must not change after the first request. */
#ifndef PGCOCO_API_SERVICE_H
#define PGCOCO_API_SERVICE_H

#include "http/rate.h"
#include "store/pool.h"
#include "json/tokens.h"

struct cache;

struct service {
    struct body_limits body_limits;
    struct json_limits json_limits;
    unsigned max_duration_s; /* of an upload or an evaluation; 0: no limit */
    int import_dir;          /* descriptor of --import-dir; -1: none */
    int image_root;          /* descriptor of --image-root; -1: none */
    struct pool *long_pool;  /* for imports and exports */
    struct pool *short_pool; /* for everything else */
    struct pool *probe_pool; /* one connection, for /readyz */
    struct pool *evaluation_pool;
    struct pool *second_pool;       /* as large: an evaluation reads faster over two connections */
    struct cache *evaluation_cache; /* evaluation/cache */
    unsigned evaluation_threads;    /* of one evaluation */
    size_t evaluation_rows;         /* more are evaluated in parts; 0: no limit */
    /* Called when there may be something to analyze or collect. */
    void (*wake_maintenance)(void *self);
    void *maintenance;
};

#endif
