/* Threads for parts of an evaluation: see share.h. */
#include "evaluation/share.h"

#include <pthread.h>

struct shared {
    share_function *work;
    void *self;
    struct progress *progress;
    atomic_bool stop;
    struct share shares[SHARES_MAX];
    bool good[SHARES_MAX];
};

bool share_go_on(struct share *share) {
    struct shared *shared = share->shared;
    if (share->part == 0 && !progress_go_on(shared->progress, &share->err)) return false;
    if (!atomic_load_explicit(&shared->stop, memory_order_relaxed)) return true;
    return err_set(&share->err, ERR_INTERRUPTED, "the evaluation was interrupted");
}

static void *run_share(void *self) {
    struct share *share = self;
    struct shared *shared = share->shared;
    bool good = shared->work(shared->self, share);
    if (!good) atomic_store(&shared->stop, true);
    shared->good[share->part] = good;
    return NULL;
}

/* Returns the first group from `first` on at which the groups before weigh at least `weight`. */
static uint32_t group_at(const uint32_t *starts, uint32_t first, uint32_t groups, uint64_t weight) {
    uint32_t end = groups;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if ((uint64_t)starts[middle] + middle < weight) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

static void cut(struct shared *shared, unsigned parts, const uint32_t *starts, uint32_t groups) {
    uint64_t all = (uint64_t)starts[groups] + groups;
    uint32_t first = 0;
    for (unsigned part = 0; part < parts; part++) {
        uint32_t end = part + 1 == parts
                           ? groups
                           : group_at(starts, first, groups,
                                      starts[0] + (all - starts[0]) * (part + 1) / parts);
        shared->shares[part] =
            (struct share){.part = part, .first = first, .end = end, .shared = shared};
        first = end;
    }
}

/* A thread that cannot be started is no failure: the caller does its part, too. */
static void run_all(struct shared *shared, unsigned parts) {
    pthread_t threads[SHARES_MAX];
    bool started[SHARES_MAX] = {false};
    for (unsigned part = 1; part < parts; part++) {
        started[part] = pthread_create(&threads[part], NULL, run_share, &shared->shares[part]) == 0;
    }
    run_share(&shared->shares[0]);
    for (unsigned part = 1; part < parts; part++) {
        if (started[part]) {
            pthread_join(threads[part], NULL);
        } else {
            run_share(&shared->shares[part]);
        }
    }
}

bool share_work(unsigned threads, const uint32_t *starts, uint32_t groups, share_function *work,
                void *self, struct progress *progress, struct err *err) {
    struct shared shared = {.work = work, .self = self, .progress = progress};
    unsigned parts = threads < SHARES_MAX ? threads : SHARES_MAX;
    if (parts > groups) parts = groups;
    if (parts < 1) parts = 1;
    cut(&shared, parts, starts, groups);
    run_all(&shared, parts);
    /* The part that failed by itself tells more than those that were stopped after it. */
    bool good = true;
    for (unsigned part = 0; part < parts; part++) {
        if (shared.good[part]) continue;
        if (good || err->code == ERR_INTERRUPTED) *err = shared.shares[part].err;
        good = false;
    }
    return good;
}
