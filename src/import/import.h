/*
 * One import: begin, load, publish, or change nothing. Knows nothing of HTTP: the file comes from a
 * reader.
 */
#ifndef PGCOCO_IMPORT_IMPORT_H
#define PGCOCO_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/reader.h"
#include "import/directory.h"
#include "import/skips.h"
#include "store/db.h"
#include "json/tokens.h"

/* How a file is to be imported. */
struct import_conditions {
    bool dry_run;            /* do everything but the commit */
    bool match_name;         /* match the images and categories of a results file by their names */
    int32_t category_offset; /* is added to every category_id of a results file */
    struct skip_limit max_skipped;
};

struct import_target {
    const char *token;   /* finds the import in the history; the caller has checked it */
    const char *dataset; /* name or id */
    const char *run;     /* NULL: the ground truth */
    const char *split;   /* of a ground truth's images; NULL: none */
    bool create_only;    /* refuse a ground truth that exists */
    struct import_conditions conditions;
    struct directory *directory; /* the run's files, instead of a reader; NULL: none */
    struct progress *progress;   /* NULL: nobody watches */
};

struct import_outcome {
    struct buf document; /* of the import or the dataset; after a failure: the skips, or empty */
    bool created;        /* the dataset is new */
    char import_id[24];  /* after a failure: the import; "" if it had not begun */
    uint64_t rows;       /* taken; of a ground truth its annotations */
    uint64_t skipped;    /* rows that could not be taken */
    uint64_t bytes;      /* of the files, unpacked, as far as they were read */
    uint64_t duration_ms;
};

void import_outcome_init(struct import_outcome *outcome);
void import_outcome_free(struct import_outcome *outcome);

/* Imports a results file as a run, or a ground truth. Returns true only after the publication has
 * been committed; for a dry run, when it could have been. On failure the database is as before,
 * except for the history of imports. db is used all the time, and may have been reconnected. body:
 * NULL when there is a directory. */
bool import_run(struct db *db, const struct import_target *target, const struct reader *body,
                const struct json_limits *limits, struct import_outcome *outcome, struct err *err);
bool import_ground_truth(struct db *db, const struct import_target *target,
                         const struct reader *body, const struct json_limits *limits,
                         struct import_outcome *outcome, struct err *err);

/* Records in the history that an import has failed. problem: the document that its client gets. */
bool import_record_failure(struct db *db, const struct import_target *target,
                           const struct import_outcome *outcome, const char *problem,
                           struct err *err);

#endif
