/* Sorts lists by a key: see keyed.h. */
#include "evaluation/keyed.h"

#include <stdlib.h>
#include <string.h>

enum {
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS,
    MERGED_MAX = 768 /* longer lists are sorted by digits */
};

bool keyed_reserve(struct keyed_lists *lists, size_t count) {
    if (count <= lists->cap) return true;
    struct keyed *list = reallocarray(lists->list, count, sizeof *list);
    if (list) lists->list = list;
    struct keyed *spare = reallocarray(lists->spare, count, sizeof *spare);
    if (spare) lists->spare = spare;
    if (!list || !spare) return false;
    lists->cap = count;
    return true;
}

void keyed_free(struct keyed_lists *lists) {
    free(lists->list);
    free(lists->spare);
}

static void swap(struct keyed_lists *lists) {
    struct keyed *spare = lists->spare;
    lists->spare = lists->list;
    lists->list = spare;
}

static void insert_all(struct keyed *list, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct keyed moved = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1].key > moved.key; at--) list[at] = list[at - 1];
        list[at] = moved;
    }
}

/* Merges two sorted lists that follow one another; of equal keys the first list's come first. */
static void merge(const struct keyed *list, size_t half, size_t count, struct keyed *into) {
    size_t a = 0;
    size_t b = half;
    for (size_t i = 0; i < count; i++) {
        bool first = b == count || (a < half && list[a].key <= list[b].key);
        into[i] = list[first ? a++ : b++];
    }
}

static void sort_by_merging(struct keyed_lists *lists, size_t count) {
    enum {
        RUN = 16
    };
    for (size_t i = 0; i < count; i += RUN) {
        insert_all(lists->list + i, count - i < RUN ? count - i : RUN);
    }
    for (size_t run = RUN; run < count; run *= 2) {
        for (size_t i = 0; i < count; i += 2 * run) {
            size_t rest = count - i;
            merge(lists->list + i, rest < run ? rest : run, rest < 2 * run ? rest : 2 * run,
                  lists->spare + i);
        }
        swap(lists);
    }
}

/* Sorts by one digit into the spare list; false without a copy if that digit is the same in all. */
static bool sort_by_digit(struct keyed_lists *lists, size_t count, unsigned shift) {
    uint32_t ends[DIGITS] = {0};
    uint32_t end = 0;
    const struct keyed *from = lists->list;
    for (size_t i = 0; i < count; i++) ends[(from[i].key >> shift) & (DIGITS - 1)]++;
    if (ends[(from[0].key >> shift) & (DIGITS - 1)] == count) return false;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        uint32_t these = ends[digit];
        ends[digit] = end;
        end += these;
    }
    for (size_t i = 0; i < count; i++) {
        lists->spare[ends[(from[i].key >> shift) & (DIGITS - 1)]++] = from[i];
    }
    return true;
}

void keyed_sort(struct keyed_lists *lists, size_t count) {
    if (count < MERGED_MAX) {
        sort_by_merging(lists, count);
        return;
    }
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
        if (sort_by_digit(lists, count, shift)) swap(lists);
    }
}

uint64_t keyed_key(double score) {
    uint64_t bits;
    double positive_zero = score + 0.;
    memcpy(&bits, &positive_zero, sizeof bits);
    return bits >> 63 ? bits : ~bits & ~(UINT64_C(1) << 63);
}
