/*
 * Writes labels for YOLO as a tar: the rows of the database are pieces of its members (see
 * sql/functions/export_yolo.sql). Counts what is left out, for the last member.
 */
#ifndef PGCOCO_EXPORT_LABELS_H
#define PGCOCO_EXPORT_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "export/tar.h"

enum {
    LABELS_FATES = 4 /* what may become of a row, numbered by the database; 0: it is written */
};

struct labels {
    struct tar tar;
    uint64_t rows[LABELS_FATES];
};

/* Returns how many rows of the source were taken so far. */
uint64_t labels_rows(const struct labels *labels);

/* Takes a row of a COPY. */
bool labels_put(struct labels *labels, struct slice tuple, struct err *err);

/* Writes what was left out, and ends the tar. */
bool labels_finish(struct labels *labels, struct err *err);

#endif
