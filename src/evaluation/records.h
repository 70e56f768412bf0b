/*
 * Detections in few bytes, for runs that are too large to be kept as objects: of each what
 * accumulate, operations and repairs need. 11 bytes, and with COCO's settings 18 more for one that
 * some ground truth has been matched with.
 *
 * Parts of a run are added one after the other, with ascending images. Then the detections of each
 * class are walked, surest first, over all parts: in the order that one part with all images would
 * have. If they need more bytes than there may be, those of the last classes go; they are for
 * another pass over all parts.
 *
 *     records_begin(records, first)       for each pass
 *     records_add(records, …)             for each part
 *     end = records_end(records)          classes first..end-1 are complete
 *     records_open(&walk, records, k, err); while (records_next(&walk, &record)) …
 */
#ifndef PGCOCO_EVALUATION_RECORDS_H
#define PGCOCO_EVALUATION_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "evaluation/match.h"
#include "evaluation/objects.h"
#include "evaluation/repairs.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

struct record {
    double score;
    uint8_t code;                       /* for a mender */
    bool is_ranked;                     /* for an accumulation */
    bool counts;                        /* for a measurer */
    bool hit;                           /* likewise */
    uint32_t rank;                      /* 0 where all verdicts are misses: nobody asks then */
    struct verdict verdicts[AREAS_MAX]; /* of the settings' areas */
};

/* A part of a run, judged. */
struct judged {
    const struct objects *objects;
    const struct selection *selection;
    const struct verdict *verdicts; /* of all areas (match_images) */
    const struct verdict *points;   /* for operations_measure */
    const struct repair_lists *lists;
};

struct records;

/* *settings must outlive the records. max_bytes: that they need at most, except if one class alone
 * needs more. NULL with ERR_BUSY if there is no memory. */
struct records *records_new(const struct settings *settings, size_t max_bytes, struct err *err);
void records_free(struct records *records);

/* Empties the records, for classes from `first` on. */
void records_begin(struct records *records, uint32_t first);

/* Adds the selected detections of a part. ERR_BUSY if there is no memory. */
bool records_add(struct records *records, const struct judged *judged, struct err *err);
uint32_t records_end(const struct records *records);

/* A walk along a class. Several threads may walk at a time. Call records_close in any case. */
struct records_walk {
    const struct records *records;
    size_t count;           /* of heap */
    struct source *heap;    /* the parts that have more, by their next record */
    struct cursor *cursors; /* of each part */
};

bool records_open(struct records_walk *walk, const struct records *records, uint32_t k,
                  struct err *err);
bool records_next(struct records_walk *walk, struct record *record);
void records_close(struct records_walk *walk);

#endif
