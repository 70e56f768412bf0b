/* Memory of evaluations: see memory.h. */
#include "evaluation/memory.h"

#include <stdlib.h>
#include <string.h>

/* Copies the pointer, because a pointer to another type must not be read as a void *. */
bool memory_resize(void *array, size_t count, size_t size) {
    void *old;
    memcpy(&old, array, sizeof old);
    void *resized = reallocarray(old, count, size);
    if (resized) memcpy(array, &resized, sizeof resized);
    return resized != NULL;
}

void *memory_grow(void *array, size_t count, size_t *cap, size_t size, size_t first,
                  struct err *err) {
    size_t larger = *cap ? *cap + *cap / 2 + 1 : first;
    if (count < *cap) return array;
    void *grown = reallocarray(array, larger, size);
    if (grown) {
        *cap = larger;
    } else {
        memory_is_out(err);
    }
    return grown;
}
