/* Keeps objects of former evaluations: see cache.h. */
#include "evaluation/cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

struct entry {
    struct entry *next; /* used longer ago */
    struct cache_key key;
    struct objects *objects; /* NULL: somebody makes them, and calls cache_put or cache_fail */
    size_t bytes;
    size_t users;
};

struct cache {
    pthread_mutex_t mutex;
    pthread_cond_t settled; /* objects were put, or their making has failed */
    size_t max_bytes;
    size_t bytes;        /* of entries that fit */
    struct entry *first; /* the most recently used one */
};

static bool is_same(const struct cache_key *a, const struct cache_key *b) {
    return a->ground_truth == b->ground_truth && a->run == b->run && a->iou_type == b->iou_type &&
           a->depth == b->depth && a->sigmas == b->sigmas;
}

/* ---- the list; the mutex is held --------------------------------------------------------- */

static struct entry *find(const struct cache *cache, const struct cache_key *key) {
    struct entry *entry = cache->first;
    while (entry && !is_same(&entry->key, key)) entry = entry->next;
    return entry;
}

static struct entry *find_objects(const struct cache *cache, const struct objects *objects) {
    struct entry *entry = cache->first;
    while (entry && entry->objects != objects) entry = entry->next;
    return entry;
}

static void take_out(struct cache *cache, struct entry *entry) {
    struct entry **at = &cache->first;
    while (*at != entry) at = &(*at)->next;
    *at = entry->next;
}

static void put_first(struct cache *cache, struct entry *entry) {
    entry->next = cache->first;
    cache->first = entry;
}

static void free_objects(struct objects *objects) {
    if (!objects) return;
    objects_free(objects);
    free(objects);
}

static void discard(struct cache *cache, struct entry *entry) {
    take_out(cache, entry);
    free_objects(entry->objects);
    free(entry);
}

/* Objects that are larger than the limit are shared while somebody uses them, and do not count:
 * all others would have to go for them, and then they themselves. */
static bool fits(const struct cache *cache, const struct entry *entry) {
    return entry->bytes <= cache->max_bytes;
}

static struct entry *longest_unused(const struct cache *cache) {
    struct entry *last = NULL;
    for (struct entry *entry = cache->first; entry; entry = entry->next) {
        if (entry->objects && entry->users == 0) last = entry;
    }
    return last;
}

/* Entries in use stay: dropping them would free no memory now. */
static void keep_in_bounds(struct cache *cache) {
    struct entry *entry;
    while (cache->bytes > cache->max_bytes && (entry = longest_unused(cache))) {
        cache->bytes -= entry->bytes;
        discard(cache, entry);
    }
}

/* ---- for users --------------------------------------------------------------------------- */

struct cache *cache_new(size_t max_bytes) {
    struct cache *cache = calloc(1, sizeof *cache);
    if (!cache) return NULL;
    cache->max_bytes = max_bytes;
    pthread_mutex_init(&cache->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&cache->settled, &attributes);
    pthread_condattr_destroy(&attributes);
    return cache;
}

void cache_free(struct cache *cache) {
    if (!cache) return;
    while (cache->first) discard(cache, cache->first);
    pthread_cond_destroy(&cache->settled);
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

/* Returns an entry that is kept, or NULL if there is none. Waits while it is being made. */
static struct entry *find_made(struct cache *cache, const struct cache_key *key) {
    struct entry *entry;
    while ((entry = find(cache, key)) && !entry->objects) {
        pthread_cond_wait(&cache->settled, &cache->mutex);
    }
    return entry;
}

static bool is_being_made(struct cache *cache, const struct cache_key *key) {
    const struct entry *entry = find(cache, key);
    return entry && !entry->objects;
}

bool cache_await(struct cache *cache, const struct cache_key *key, struct progress *progress,
                 struct err *err) {
    bool good = true;
    pthread_mutex_lock(&cache->mutex);
    while (good && is_being_made(cache, key)) {
        struct timespec until = clock_in_ms(PROGRESS_ASK_MS);
        (void)pthread_cond_timedwait(&cache->settled, &cache->mutex, &until);
        pthread_mutex_unlock(&cache->mutex); /* progress_go_on may ask the database */
        good = progress_go_on(progress, err);
        pthread_mutex_lock(&cache->mutex);
    }
    pthread_mutex_unlock(&cache->mutex);
    return good;
}

/* Without memory for an entry, others make the same objects for themselves. */
static void note_making(struct cache *cache, const struct cache_key *key) {
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry) return;
    entry->key = *key;
    put_first(cache, entry);
}

/* The entry of the caller; NULL if there was no memory for one. */
static struct entry *find_making(const struct cache *cache, const struct cache_key *key) {
    struct entry *entry = find(cache, key);
    return entry && !entry->objects ? entry : NULL;
}

const struct objects *cache_take(struct cache *cache, const struct cache_key *key) {
    const struct objects *objects = NULL;
    pthread_mutex_lock(&cache->mutex);
    struct entry *entry = find_made(cache, key);
    if (entry) {
        entry->users++;
        take_out(cache, entry);
        put_first(cache, entry);
        objects = entry->objects;
    } else {
        note_making(cache, key);
    }
    pthread_mutex_unlock(&cache->mutex);
    return objects;
}

void cache_put(struct cache *cache, const struct cache_key *key, struct objects *objects) {
    pthread_mutex_lock(&cache->mutex);
    struct entry *entry = find_making(cache, key);
    if (entry) {
        entry->objects = objects;
        entry->bytes = objects_size(objects);
        entry->users = 1;
        if (fits(cache, entry)) cache->bytes += entry->bytes;
        keep_in_bounds(cache);
    }
    pthread_cond_broadcast(&cache->settled);
    pthread_mutex_unlock(&cache->mutex);
}

void cache_fail(struct cache *cache, const struct cache_key *key) {
    pthread_mutex_lock(&cache->mutex);
    struct entry *entry = find_making(cache, key);
    if (entry) discard(cache, entry);
    pthread_cond_broadcast(&cache->settled);
    pthread_mutex_unlock(&cache->mutex);
}

void cache_give(struct cache *cache, const struct objects *objects) {
    pthread_mutex_lock(&cache->mutex);
    struct entry *entry = find_objects(cache, objects);
    if (!entry) {
        free_objects((struct objects *)objects); /* there was no memory for an entry */
    } else if (--entry->users == 0 && !fits(cache, entry)) {
        discard(cache, entry);
    } else {
        keep_in_bounds(cache);
    }
    pthread_mutex_unlock(&cache->mutex);
}
