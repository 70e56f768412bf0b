/*
 * The ids that a results file gives its own images or categories, and the dataset's ids of the same names
 * (match=name). Bounded by the dataset: only what has a counterpart is kept, twice as many at the most.
 */
#ifndef PGCOCO_IMPORT_OWN_IDS_H
#define PGCOCO_IMPORT_OWN_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct own_id {
    int64_t own;
    int64_t id;
};

struct own_ids {
    struct own_id *ids;
    size_t count;
    size_t cap;
    bool complete; /* sorted: no more are added */
};

void own_ids_free(struct own_ids *ids);

/* max: how many ids the dataset has. ERR_WRONG_SHAPE beyond twice as many. */
bool own_ids_add(struct own_ids *ids, int64_t own, int64_t id, size_t max, struct err *err);

/* Ends the adding. ERR_WRONG_SHAPE when an own id stands for two of the dataset. */
bool own_ids_complete(struct own_ids *ids, struct err *err);

/* Replaces an own id by the dataset's; false when it has none. */
bool own_ids_replace(const struct own_ids *ids, int64_t *id);

#endif
