/*
 * The run that somebody asks about: its objects, from the cache or the database, and the part of
 * the images and classes that is asked for.
 */
#ifndef PGCOCO_EVALUATION_SUBJECT_H
#define PGCOCO_EVALUATION_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "evaluation/load.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"
#include "store/db.h"

/* Objects of former evaluations, shared by all requests of a process (evaluation/cache). */
struct cache;

struct evaluation_request {
    const char *dataset; /* name or id */
    const char *run;
    struct settings settings;
    const char *categories; /* "1,2,3": ids; NULL: all */
    const char *split;      /* NULL: all images */
    const char *slice;      /* NULL: all images */
};

/* What evaluations share. */
struct evaluator {
    struct db *db;             /* owned by the caller; no transaction is open */
    struct db *second;         /* likewise: shares the reading; NULL: none */
    struct cache *cache;       /* NULL: none */
    unsigned threads;          /* at least 1 */
    size_t rows;               /* of both sides; more are evaluated in parts; 0: no limit */
    struct progress *progress; /* may be NULL */
};

enum {
    IMAGE_DIGEST_ROOM = 65
};

struct subject {
    struct imports imports;
    int64_t evaluation_id;                /* that is stored for this request; 0: none */
    char image_digest[IMAGE_DIGEST_ROOM]; /* "": all images */
    struct buf params;                    /* the request as JSON, for coco.evaluation_begin */
    /* after subject_load */
    const struct objects *objects;
    struct selection selection;
    /* of this module */
    struct cache *cache;
    struct objects *own;
    bool *images;
    bool *categories;
};

/* Looks up what is asked for; needs no objects. ERR_UNKNOWN_DATASET, ERR_UNKNOWN_RUN,
 * ERR_BAD_REQUEST (an unknown split or slice), or an error of the database. Begins a transaction
 * (db_begin_reading), which the caller ends. wants_curves: an evaluation whose curves were
 * forgotten counts as not stored. Call subject_close in any case. */
bool subject_open(struct subject *subject, struct db *db, const struct evaluation_request *request,
                  bool wants_curves, struct err *err);

/* Like subject_open, in the transaction that subject_open has begun for another one. */
bool subject_open_beside(struct subject *subject, struct db *db,
                         const struct evaluation_request *request, struct err *err);

/* Sets the objects and the selection, in the same transaction. ERR_BAD_REQUEST if categories are
 * not in the dataset, ERR_BUSY, or an error of the database or of progress_go_on. */
bool subject_load(struct subject *subject, const struct evaluator *evaluator,
                  const struct evaluation_request *request, struct err *err);

/* Sets the objects and the selection to those of a part of the images, which are not kept in the
 * cache, in place of those of the part before. *rows: counts for the progress. Errors as of
 * subject_load. */
bool subject_load_part(struct subject *subject, const struct evaluator *evaluator,
                       const struct evaluation_request *request, const struct image_range *range,
                       uint64_t *rows, struct err *err);

/* Gives back the objects and the selection. */
void subject_unload(struct subject *subject);

void subject_close(struct subject *subject);

#endif
