/* Copies of datasets and of runs, under names of their own. */
#ifndef PGCOCO_API_CLONES_H
#define PGCOCO_API_CLONES_H

#include "api/exchange.h"

/* Answer 201 with the copy. */
void clone_dataset(struct exchange *x);
void clone_run(struct exchange *x);

#endif
