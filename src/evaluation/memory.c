/* Memory of evaluations: see memory.h. */
#include "evaluation/memory.h"

#include <stdlib.h>
#include <string.h>

/* Pointers are copied, because one to another type must not be read as a void *. */
static void *load(const void *array) {
    void *pointer;
    memcpy(&pointer, array, sizeof pointer);
    return pointer;
}

static bool store(void *array, void *pointer) {
    if (pointer) memcpy(array, &pointer, sizeof pointer);
    return pointer != NULL;
}

bool memory_resize(void *array, size_t count, size_t size) {
    return store(array, reallocarray(load(array), count, size));
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
