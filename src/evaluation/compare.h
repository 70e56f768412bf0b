/*
 * Two runs side by side: all numbers of both, a bootstrap over images, and the images that flip.
 * A is the run that is there, B the one that may be better: a difference is B - A.
 */
#ifndef PGCOCO_EVALUATION_COMPARE_H
#define PGCOCO_EVALUATION_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/bootstrap.h"
#include "evaluation/flips.h"
#include "evaluation/numbers.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    COMPARE_RUNS = 2
};

struct compare_request {
    const struct objects *objects[COMPARE_RUNS]; /* of one ground truth */
    const struct settings *settings;
    const struct selection *selection; /* NULL: everything */
    uint32_t resamples;                /* 0: no bootstrap */
    uint64_t seed;
    unsigned threads;
    struct progress *progress; /* may be NULL */
};

/* A class whose AP differs. */
struct changed_class {
    uint32_t index;
    double difference; /* B - A */
};

struct compared {
    struct numbers numbers[COMPARE_RUNS];
    struct bootstrap bootstrap; /* without classes if there are no resamples */
    struct flips flips;
    /* Of the classes with ground truths: by difference, largest first, equal ones by index. */
    size_t changed_count;
    struct changed_class *changed;
    size_t better_count; /* of `changed`, at its front; the others are worse in B */
    size_t equal_count;  /* classes with the same AP */
};

/* Computes all. ERR_BAD_REQUEST if the runs have different ground truths, ERR_BUSY if there is no
 * memory, or an error of progress_go_on. Call compared_free in any case. */
bool compare(struct compared *compared, const struct compare_request *request, struct err *err);
void compared_free(struct compared *compared);

/* What the interval of a difference says: "better" (all above 0), "worse" (all below) or "unclear";
 * "unknown" without resamples. */
const char *compare_verdict(const struct bootstrap_number *number);

#endif
