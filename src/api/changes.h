/* PATCH of a run: what people say about it. */
#ifndef PGCOCO_API_CHANGES_H
#define PGCOCO_API_CHANGES_H

#include "api/exchange.h"

enum {
    CHANGE_BODY_MAX = 512 * 1024 /* bytes, unpacked: 64 KiB of text, each byte escaped */
};

/* Reads the body, and answers 200 with the changed run. */
void change_run(struct exchange *x);

#endif
