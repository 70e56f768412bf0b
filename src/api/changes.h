/* PATCH of a dataset and of a run: other names, and what is said about a run. */
#ifndef PGCOCO_API_CHANGES_H
#define PGCOCO_API_CHANGES_H

#include "api/exchange.h"

enum {
    CHANGE_BODY_MAX = 512 * 1024 /* bytes, unpacked: 64 KiB of text, each byte escaped */
};

/* Read the body, and answer 200 with the changed dataset or run. */
void change_dataset(struct exchange *x);
void change_run(struct exchange *x);

#endif
