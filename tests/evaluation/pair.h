/* A pair of a ground truth and a results file, and all that the engine says of it. */
#ifndef PGCOCO_TESTS_EVALUATION_PAIR_H
#define PGCOCO_TESTS_EVALUATION_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evaluation/confusion.h"
#include "evaluation/findings.h"
#include "evaluation/masks.h"
#include "evaluation/numbers.h"
#include "evaluation/objects.h"
#include "evaluation/poses.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

enum {
    WORD_ROOM = 64
};

struct pair {
    struct settings settings;
    struct objects objects;
    struct masks masks;
    struct poses poses;
    struct selection selection;
    bool *images;     /* of the selection */
    bool *categories; /* likewise */
    unsigned threads;
    unsigned depth;
    struct numbers numbers;
    uint32_t *takes; /* confusion_match, at the operating point */
    struct findings findings;
};

/* Ends the program. */
void fail(const char *what);

/* Returns memory, all 0, for one more than `count`; or ends the program. */
void *room(size_t count, size_t size);

/* Reads the next pair from standard input; false at its end. *pair must not be moved. Ends the
 * program if the input is wrong. */
bool read_pair(struct pair *pair);

/* Writes the lists of a pair to standard output. */
void print_pair(const struct pair *pair);

#endif
