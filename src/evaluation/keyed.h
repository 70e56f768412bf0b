/*
 * Lists that are sorted by a number, stably, one after the other in the same memory: the detections
 * of images and of classes.
 *
 *     struct keyed_lists lists = {0};
 *     keyed_reserve(&lists, count), ... fill lists.list
 *     keyed_sort(&lists, count)
 *     keyed_free(&lists)
 */
#ifndef PGCOCO_EVALUATION_KEYED_H
#define PGCOCO_EVALUATION_KEYED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyed {
    uint64_t key;
    uint32_t index;
};

struct keyed_lists {
    struct keyed *list;
    struct keyed *spare; /* keyed_sort exchanges the two */
    size_t cap;
};

/* Makes room for `count` elements. False if there is no memory; call keyed_free in any case. */
bool keyed_reserve(struct keyed_lists *lists, size_t count);
void keyed_free(struct keyed_lists *lists);

/* Sorts lists->list by key; of equal keys, those that came first stay first. */
void keyed_sort(struct keyed_lists *lists, size_t count);

/* A key that ascends as scores descend. Equal scores have equal keys, also 0 and -0. */
uint64_t keyed_key(double score);

#endif
