/*
 * Shares work among threads: images or classes in ranges of about equal weight. The calling thread
 * takes the first range, and asks for all whether the work may go on.
 */
#ifndef PGCOCO_EVALUATION_SHARE_H
#define PGCOCO_EVALUATION_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"

enum {
    SHARES_MAX = 64,
    SHARE_STRIDE = 64, /* images to work on between two calls of share_go_on */
    SHARE_PAIRS = 4096 /* pairs of a detection and a ground truth, likewise */
};

struct share {
    unsigned part; /* of the parts, from 0: for results that each thread keeps apart */
    uint32_t first;
    uint32_t end;
    struct shared *shared;
    size_t pairs;   /* looked at since share_may_look has asked */
    struct err err; /* set if the part has failed */
};

/* Works on groups first..end-1. On failure fills share->err and returns false. */
typedef bool share_function(void *self, struct share *share);

/* Runs work on parts of `groups`, at most `threads` at a time (0 counts as 1); the parts together
 * are all groups, in order. starts: groups + 1 numbers that ascend; the weight of group i is
 * starts[i + 1] - starts[i] + 1. Returns when all have ended. False with the first part's error if
 * one failed. */
bool share_work(unsigned threads, const uint32_t *starts, uint32_t groups, share_function *work,
                void *self, struct progress *progress, struct err *err);

/* The end of the images that are worked on after share_go_on, from `first` on. */
static inline uint32_t share_stride_end(const struct share *share, uint32_t first) {
    return share->end - first > SHARE_STRIDE ? first + SHARE_STRIDE : share->end;
}

/* True if the part may go on; call it at least every 100 ms. Else share->err is set. */
bool share_go_on(struct share *share);

/* The same within an image, where so many more pairs are looked at: asks once in SHARE_PAIRS. An
 * image may have any number of them. share: NULL if nobody is to be asked. */
static inline bool share_may_look(struct share *share, size_t pairs) {
    if (!share) return true;
    share->pairs += pairs;
    if (share->pairs < SHARE_PAIRS) return true;
    share->pairs = 0;
    return share_go_on(share);
}

#endif
