/*
 * One import: begin, load, publish; or change nothing. It reads a struct reader and does not depend
 * on HTTP.
 */
#ifndef PGCOCO_IMPORT_IMPORT_H
#define PGCOCO_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/reader.h"
#include "base/work.h"
#include "import/directory.h"
#include "import/skips.h"
#include "store/db.h"
#include "json/tokens.h"

enum {
    DOCUMENT_MAX = 64 * 1024 * 1024 /* bytes of the document of an import or a dataset */
};

/* Options of an import. */
struct import_conditions {
    bool dry_run;            /* do everything but commit */
    bool match_name;         /* results: match images and categories by name */
    bool match_id;           /* results: take ids as they are; do not check names beside them */
    int32_t category_offset; /* results: added to every category_id; 0 for a directory */
    bool renumber;           /* ground truth: give the annotations new ids */
    bool force;              /* ground truth: drop the rows that runs lose to it */
    struct skip_limit max_skipped;
};

struct import_target {
    const char *token;   /* name of the import in the history; must be valid */
    const char *dataset; /* name or id */
    const char *run;     /* NULL: import a ground truth */
    const char *split;   /* of the images of a ground truth; NULL: none */
    bool create_only;    /* refuse a dataset that exists */
    bool adds;           /* add the file to a dataset, which must exist */
    bool continues;      /* an earlier file of the same request was imported under this token */
    struct import_conditions conditions;
    struct directory *directory; /* the files of the run; NULL: read `body` instead */
    struct progress *progress;   /* NULL: not shown */
    struct work *work;           /* what the upload may cost; NULL: not bounded */
};

struct import_outcome {
    /* JSON of the import or the dataset; after a failure: the skips, or empty. */
    struct buf document;
    /* After ERR_DATASET_HAS_RUNS, a JSON array: what runs would lose. Otherwise empty. */
    struct buf losses;
    /* Of a file that is added to a dataset: JSON of what it adds. Otherwise empty. */
    struct buf added;
    bool created;       /* the dataset did not exist before */
    char import_id[24]; /* set after a failure; "" if the import had not begun */
    uint64_t rows;      /* imported; for a ground truth, its annotations */
    uint64_t skipped;   /* rows that were not imported */
    uint64_t bytes;     /* read from the files, decompressed */
    uint64_t duration_ms;
};

/* Call import_outcome_free in any case. */
void import_outcome_init(struct import_outcome *outcome);
void import_outcome_free(struct import_outcome *outcome);

/* Import a results file as a run, or a ground truth. They return true only after the publication
 * has been committed; for a dry run, if it could have been. On failure they fill *err, and the
 * database is as before, except for the history of imports. They use `db` until they return, and
 * may reconnect it. body is NULL if target->directory is set. */
bool import_run(struct db *db, const struct import_target *target, const struct reader *body,
                const struct json_limits *limits, struct import_outcome *outcome, struct err *err);
bool import_ground_truth(struct db *db, const struct import_target *target,
                         const struct reader *body, const struct json_limits *limits,
                         struct import_outcome *outcome, struct err *err);

/* Records a failed import in the history. problem: the JSON document that the client gets. */
bool import_record_failure(struct db *db, const struct import_target *target,
                           const struct import_outcome *outcome, const char *problem,
                           struct err *err);

#endif
