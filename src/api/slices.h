/* PUT of a slice: a named set of a dataset's images. The other routes of slices are documents. */
#ifndef PGCOCO_API_SLICES_H
#define PGCOCO_API_SLICES_H

#include "api/exchange.h"

enum {
    SLICE_BODY_MAX = 16 * 1024 * 1024 /* bytes, unpacked: some 1.5 million ids */
};

/* Reads the body, and answers 200 with the document of coco.slice_put. */
void slice_put(struct exchange *x);

#endif
