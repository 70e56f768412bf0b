/*
 * Maps the ids of images or categories in a results file to the dataset's ids of the same names
 * (match=name). Memory is bounded by the dataset: ids without a counterpart are not kept, and at
 * most twice as many ids as the dataset has.
 */
#ifndef PGCOCO_IMPORT_OWN_IDS_H
#define PGCOCO_IMPORT_OWN_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct own_id {
    int64_t own; /* in the file */
    int64_t id;  /* in the dataset */
};

struct own_ids {
    struct own_id *ids;
    size_t count;
    size_t cap;
    bool complete; /* sorted; no more pairs are added */
};

void own_ids_free(struct own_ids *ids);

/* Adds a pair. max: how many ids the dataset has; ERR_WRONG_SHAPE for more than twice as many. */
bool own_ids_add(struct own_ids *ids, int64_t own, int64_t id, size_t max, struct err *err);

/* Sorts the pairs; call it after the last one. ERR_WRONG_SHAPE if an id of the file has two ids in
 * the dataset. */
bool own_ids_complete(struct own_ids *ids, struct err *err);

/* Replaces an id of the file by the dataset's. False if it has none. */
bool own_ids_replace(const struct own_ids *ids, int64_t *id);

#endif
