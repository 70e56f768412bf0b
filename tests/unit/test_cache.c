/* The cache of objects: what is shared, what goes, and who makes what is missing. The objects of
 * this test have the size that it gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "evaluation/cache.h"

static atomic_int freed;

size_t objects_size(const struct objects *objects) {
    return objects->image_count;
}

void objects_free(struct objects *objects) {
    (void)objects;
    atomic_fetch_add(&freed, 1);
}

static struct objects *sized(size_t bytes) {
    struct objects *objects = calloc(1, sizeof *objects);
    if (!objects) abort();
    objects->image_count = bytes;
    return objects;
}

static struct cache_key key_of(int64_t run) {
    return (struct cache_key){.ground_truth = 1, .run = run, .iou_type = IOU_BBOX, .depth = 100};
}

static bool has(struct cache *cache, int64_t run) {
    struct cache_key key = key_of(run);
    const struct objects *objects = cache_take(cache, &key);
    if (objects) {
        cache_give(cache, objects);
    } else {
        cache_fail(cache, &key);
    }
    return objects != NULL;
}

/* Puts new objects and returns them, in use. */
static const struct objects *put(struct cache *cache, int64_t run, size_t bytes) {
    struct cache_key key = key_of(run);
    struct objects *objects = sized(bytes);
    assert_null(cache_take(cache, &key));
    cache_put(cache, &key, objects);
    return objects;
}

static void add(struct cache *cache, int64_t run, size_t bytes) {
    cache_give(cache, put(cache, run, bytes));
}

static struct cache *new_cache(size_t max_bytes) {
    struct cache *cache = cache_new(max_bytes);
    assert_non_null(cache);
    atomic_store(&freed, 0);
    return cache;
}

static void the_longest_unused_objects_go_first(void **state) {
    (void)state;
    struct cache *cache = new_cache(100);
    add(cache, 1, 40);
    add(cache, 2, 40);
    assert_true(has(cache, 1));
    add(cache, 3, 40);
    assert_int_equal(freed, 1);
    assert_true(has(cache, 1));
    assert_false(has(cache, 2));
    assert_true(has(cache, 3));
    add(cache, 4, 100);
    assert_int_equal(freed, 3);
    cache_free(cache);
    assert_int_equal(freed, 4);
}

static void objects_in_use_stay(void **state) {
    (void)state;
    struct cache *cache = new_cache(100);
    const struct objects *first = put(cache, 1, 60);
    const struct objects *second = put(cache, 2, 60);
    assert_int_equal(freed, 0);
    assert_true(has(cache, 1) && has(cache, 2));
    cache_give(cache, first); /* both do not fit */
    assert_int_equal(freed, 1);
    assert_false(has(cache, 1));
    cache_give(cache, second);
    assert_true(has(cache, 2));
    cache_free(cache);
}

static void objects_above_the_limit_are_shared_while_they_are_used(void **state) {
    (void)state;
    struct cache *cache = new_cache(100);
    add(cache, 1, 50);
    const struct objects *large = put(cache, 2, 1000);
    struct cache_key key = key_of(2);
    assert_ptr_equal(cache_take(cache, &key), large);
    cache_give(cache, large);
    assert_int_equal(freed, 0);
    cache_give(cache, large);
    assert_int_equal(freed, 1);
    assert_false(has(cache, 2));
    assert_true(has(cache, 1)); /* made no room for them */
    cache_free(cache);
}

static void a_limit_of_0_keeps_nothing(void **state) {
    (void)state;
    struct cache *cache = new_cache(0);
    add(cache, 1, 1);
    assert_int_equal(freed, 1);
    assert_false(has(cache, 1));
    cache_free(cache);
    cache_free(NULL);
}

static void every_member_of_the_key_counts(void **state) {
    (void)state;
    struct cache *cache = new_cache(100);
    const struct cache_key key = key_of(1);
    add(cache, 1, 1);
    for (int i = 0; i < 5; i++) {
        struct cache_key other = key;
        if (i == 0) other.ground_truth++;
        if (i == 1) other.run++;
        if (i == 2) other.iou_type = IOU_SEGM;
        if (i == 3) other.depth++;
        if (i == 4) other.sigmas++;
        assert_null(cache_take(cache, &other));
        cache_fail(cache, &other);
    }
    assert_true(has(cache, 1));
    cache_free(cache);
}

/* ---- threads ----------------------------------------------------------------------------- */

enum {
    THREADS = 8,
    ROUNDS = 2000,
    RUNS = 6
};

struct crowd {
    struct cache *cache;
    atomic_int made;
    atomic_int failures; /* so many of the first fail */
    atomic_int asking;
    atomic_int wrong; /* objects that are not those asked for */
};

static void *take_one(void *self) {
    struct crowd *crowd = self;
    struct cache_key key = key_of(1);
    atomic_fetch_add(&crowd->asking, 1);
    const struct objects *objects = cache_take(crowd->cache, &key);
    while (!objects && atomic_fetch_sub(&crowd->failures, 1) > 0) {
        cache_fail(crowd->cache, &key);
        objects = cache_take(crowd->cache, &key);
    }
    if (!objects) {
        struct objects *own = sized(10);
        atomic_fetch_add(&crowd->made, 1);
        while (atomic_load(&crowd->asking) < THREADS) usleep(100);
        cache_put(crowd->cache, &key, own);
        objects = own;
    }
    if (objects->image_count != 10) atomic_fetch_add(&crowd->wrong, 1);
    cache_give(crowd->cache, objects);
    return NULL;
}

static void run_threads(struct crowd *crowd, void *(*function)(void *self)) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, function, crowd), 0);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(crowd->wrong, 0);
}

static void one_thread_makes_what_all_want(void **state) {
    (void)state;
    struct crowd crowd = {.cache = new_cache(100)};
    run_threads(&crowd, take_one);
    assert_int_equal(crowd.made, 1);
    cache_free(crowd.cache);
    assert_int_equal(freed, 1);
}

static void after_a_failure_another_one_makes_them(void **state) {
    (void)state;
    struct crowd crowd = {.cache = new_cache(100), .failures = 3};
    run_threads(&crowd, take_one);
    assert_int_equal(crowd.made, 1);
    cache_free(crowd.cache);
}

/* Each of RUNS objects knows its run. Two of them fit. */
static void *take_many(void *self) {
    struct crowd *crowd = self;
    unsigned seed = (unsigned)atomic_fetch_add(&crowd->asking, 1);
    for (int i = 0; i < ROUNDS; i++) {
        unsigned run = (unsigned)rand_r(&seed) % RUNS + 1;
        struct cache_key key = key_of(run);
        const struct objects *objects = cache_take(crowd->cache, &key);
        if (!objects && rand_r(&seed) % 4 == 0) {
            cache_fail(crowd->cache, &key);
            continue;
        }
        if (!objects) {
            struct objects *own = sized(40);
            own->truth_count = run;
            atomic_fetch_add(&crowd->made, 1);
            cache_put(crowd->cache, &key, own);
            objects = own;
        }
        if (objects->truth_count != run) atomic_fetch_add(&crowd->wrong, 1);
        cache_give(crowd->cache, objects);
    }
    return NULL;
}

static void threads_get_what_they_ask_for(void **state) {
    (void)state;
    struct crowd crowd = {.cache = new_cache(100)};
    run_threads(&crowd, take_many);
    assert_true(crowd.made >= RUNS);
    assert_in_range(crowd.made - freed, 0, 2);
    cache_free(crowd.cache);
    assert_int_equal(crowd.made, freed);
}

static bool is_over(void *client) {
    atomic_fetch_add((atomic_int *)client, 1);
    return true;
}

/* Somebody makes the objects; the caller's client hangs up. */
static void one_who_waits_can_be_ended(void **state) {
    (void)state;
    struct cache *cache = new_cache(100);
    struct cache_key key = key_of(1), other = key_of(2);
    atomic_int asked = 0;
    struct progress progress = {.limits = {.is_gone = is_over, .client = &asked}};
    struct err err;
    assert_null(cache_take(cache, &key));
    assert_true(cache_await(cache, &other, &progress, &err));
    assert_int_equal(asked, 0);
    assert_false(cache_await(cache, &key, &progress, &err));
    assert_int_equal(err.code, ERR_CLIENT_GONE);
    cache_put(cache, &key, sized(1));
    assert_true(cache_await(cache, &key, NULL, &err));
    cache_free(cache);
}

static void *put_later(void *self) {
    struct crowd *crowd = self;
    struct cache_key key = key_of(1);
    usleep(20000);
    cache_put(crowd->cache, &key, sized(10));
    return NULL;
}

static void one_who_waits_goes_on_when_the_objects_are_there(void **state) {
    (void)state;
    struct crowd crowd = {.cache = new_cache(100)};
    struct cache_key key = key_of(1);
    struct progress progress = {0};
    struct err err;
    pthread_t thread;
    assert_null(cache_take(crowd.cache, &key));
    assert_int_equal(pthread_create(&thread, NULL, put_later, &crowd), 0);
    assert_true(cache_await(crowd.cache, &key, &progress, &err));
    assert_true(has(crowd.cache, 1));
    pthread_join(thread, NULL);
    cache_free(crowd.cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_unused_objects_go_first),
        cmocka_unit_test(objects_in_use_stay),
        cmocka_unit_test(objects_above_the_limit_are_shared_while_they_are_used),
        cmocka_unit_test(a_limit_of_0_keeps_nothing),
        cmocka_unit_test(every_member_of_the_key_counts),
        cmocka_unit_test(one_thread_makes_what_all_want),
        cmocka_unit_test(after_a_failure_another_one_makes_them),
        cmocka_unit_test(threads_get_what_they_ask_for),
        cmocka_unit_test(one_who_waits_can_be_ended),
        cmocka_unit_test(one_who_waits_goes_on_when_the_objects_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
