/*
 * Objects of former evaluations, so that another threshold, class or slice needs no rows from the
 * database. Imports never change, so what is here never gets old. Keeps the most recently used
 * ones within a limit in bytes. Shared by threads.
 */
#ifndef PGCOCO_EVALUATION_CACHE_H
#define PGCOCO_EVALUATION_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/objects.h"
#include "evaluation/settings.h"

struct cache;

/* What the objects are made from. */
struct cache_key {
    int64_t ground_truth; /* coco.imports.import_id */
    int64_t run;          /* likewise */
    enum iou_type iou_type;
    unsigned depth;  /* of the overlaps */
    uint64_t sigmas; /* a hash of the sigmas; 0 unless keypoints */
};

/* max_bytes: 0 keeps nothing. NULL if there is no memory. */
struct cache *cache_new(size_t max_bytes);
void cache_free(struct cache *cache);

/* Waits until no other thread makes the objects of this key, so that the cache_take that follows
 * rarely waits. False with an error of progress_go_on, which cache_take cannot return. */
bool cache_await(struct cache *cache, const struct cache_key *key, struct progress *progress,
                 struct err *err);

/* Returns objects that were put under this key, NULL if there are none. If another thread makes
 * them at this moment, waits for it. NULL is an obligation: the caller makes the objects and calls
 * cache_put, or cache_fail. */
const struct objects *cache_take(struct cache *cache, const struct cache_key *key);

/* Hands over objects (from malloc) that cache_take did not have; the caller keeps using them until
 * cache_give. */
void cache_put(struct cache *cache, const struct cache_key *key, struct objects *objects);
void cache_fail(struct cache *cache, const struct cache_key *key);

/* The caller of cache_take or cache_put does not use the objects any more. */
void cache_give(struct cache *cache, const struct objects *objects);

#endif
