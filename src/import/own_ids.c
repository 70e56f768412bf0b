/* Maps ids of the file to ids of the dataset: see own_ids.h. */
#include "import/own_ids.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void own_ids_free(struct own_ids *ids) {
    free(ids->ids);
    memset(ids, 0, sizeof *ids);
}

bool own_ids_add(struct own_ids *ids, int64_t own, int64_t id, size_t max, struct err *err) {
    if (ids->count >= 2 * max) {
        return err_set(err, ERR_WRONG_SHAPE,
                       "the file repeats names of its images or categories too often");
    }
    if (ids->count == ids->cap) {
        size_t cap = ids->cap ? 2 * ids->cap : 256;
        struct own_id *grown = realloc(ids->ids, cap * sizeof *grown);
        if (!grown) return err_set(err, ERR_BUSY, "out of memory for %zu ids", cap);
        ids->ids = grown;
        ids->cap = cap;
    }
    ids->ids[ids->count++] = (struct own_id){own, id};
    return true;
}

static int compare(const void *a, const void *b) {
    int64_t x = ((const struct own_id *)a)->own;
    int64_t y = ((const struct own_id *)b)->own;
    return x < y ? -1 : x > y;
}

bool own_ids_complete(struct own_ids *ids, struct err *err) {
    if (ids->count > 0) qsort(ids->ids, ids->count, sizeof *ids->ids, compare);
    ids->complete = true;
    for (size_t i = 1; i < ids->count; i++) {
        if (ids->ids[i].own == ids->ids[i - 1].own && ids->ids[i].id != ids->ids[i - 1].id) {
            return err_set(err, ERR_WRONG_SHAPE,
                           "the file's own id %" PRId64 " stands for two different names",
                           ids->ids[i].own);
        }
    }
    return true;
}

bool own_ids_replace(const struct own_ids *ids, int64_t *id) {
    struct own_id key = {.own = *id};
    if (ids->count == 0) return false;
    const struct own_id *found = bsearch(&key, ids->ids, ids->count, sizeof key, compare);
    if (!found) return false;
    *id = found->id;
    return true;
}
