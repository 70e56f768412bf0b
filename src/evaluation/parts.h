/*
 * Evaluates a run that is too large for memory, one range of images after the other: sums what can
 * be summed, and keeps for each detection a few bytes (evaluation/records) of which the rest is
 * made. The numbers are the same doubles as those of one part.
 *
 * With evaluator->rows = R, a run is evaluated in parts if it has, with its ground truth, more than
 * R rows. A part has about R / PARTS_SHARE rows, and at most those of one image more. The records
 * have at most R * PARTS_RECORD_BYTES bytes; if they need more, classes are computed in groups, and
 * all parts are read once for each. Only if one class alone needs more do its records exceed that.
 * So memory is bounded: some 180 bytes for each of R rows; one part alone needs some 150.
 *
 * Rows of an image are found by the index of the leaf. Where a file has its rows in the order of
 * images, or at least those of an image together, a row is read once; otherwise each part reads
 * much of the leaf.
 */
#ifndef PGCOCO_EVALUATION_PARTS_H
#define PGCOCO_EVALUATION_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/load.h"
#include "evaluation/matches.h"
#include "evaluation/numbers.h"
#include "evaluation/settings.h"
#include "evaluation/subject.h"

enum {
    PARTS_SHARE = 8,
    PARTS_RECORD_BYTES = 144
};

/* Ranges of images, ascending; together all images. */
struct parts {
    size_t count; /* 0: the run is evaluated as a whole */
    struct image_range *ranges;
};

/* Divides a run, if that is needed, in the transaction of subject_open. ERR_BUSY, or an error of
 * the database. Call parts_free in any case. */
bool parts_find(struct parts *parts, const struct subject *subject,
                const struct evaluator *evaluator, struct err *err);
void parts_free(struct parts *parts);

/* Fails with ERR_BAD_REQUEST if the run would be evaluated in parts: `what` needs all of it. */
bool parts_refuse(const struct subject *subject, const struct evaluator *evaluator,
                  const char *what, struct err *err);

/* Computes all numbers, in the transaction of subject_open. Afterwards subject->objects has the
 * classes, and the rows of the last part. Errors as of subject_load and numbers_compute. Call
 * numbers_free in any case. */
bool parts_compute(struct numbers *numbers, const struct parts *parts, struct subject *subject,
                   const struct evaluator *evaluator, const struct evaluation_request *request,
                   const struct settings *settings, struct err *err);

/* Publishes the matches of a run (matches_publish): reads over evaluator->db, which has the
 * transaction of subject_open, and writes over `into`, another connection. */
bool parts_publish_matches(const struct parts *parts, struct subject *subject,
                           const struct evaluator *evaluator,
                           const struct evaluation_request *request, struct db *into,
                           const struct matches_target *target, struct err *err);

#endif
