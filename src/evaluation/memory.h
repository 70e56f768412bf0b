/* Memory of evaluations: arrays that grow, and what is said when there is none. */
#ifndef PGCOCO_EVALUATION_MEMORY_H
#define PGCOCO_EVALUATION_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Fills err with ERR_BUSY. Returns false, so that callers can write `return memory_is_out(err)`. */
static inline bool memory_is_out(struct err *err) {
    err_set(err, ERR_BUSY, "out of memory for an evaluation; try again");
    return false;
}

/* Gives an array room for `count` elements of `size` bytes. array: the address of a pointer to it,
 * of any type. False, and the array stays, if there is no memory. */
bool memory_resize(void *array, size_t count, size_t size);

/* Returns the array, moved where necessary, with room for another element: *cap is its room in
 * elements of `size` bytes, `first` the room that an empty one gets. It grows by half, so that
 * adding n elements costs O(n). NULL with ERR_BUSY; then the array stays as it is. */
void *memory_grow(void *array, size_t count, size_t *cap, size_t size, size_t first,
                  struct err *err);

#endif
