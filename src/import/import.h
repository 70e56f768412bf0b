/*
 * One upload: begun, loaded, published; or nothing. Knows neither HTTP nor nginx: the body comes
 * from a reader.
 */
#ifndef PGCOCO_IMPORT_IMPORT_H
#define PGCOCO_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/reader.h"
#include "import/directory.h"
#include "import/skips.h"
#include "store/db.h"
#include "json/tokens.h"

/* How an upload wants to be imported. */
struct import_conditions {
    bool dry_run;            /* everything but the commit */
    bool match_name;         /* a results file's images and categories are matched by their names */
    int32_t category_offset; /* added to each category id of a results file */
    struct skip_limit max_skipped;
};

struct import_target {
    const char *token;   /* the client's name for the upload; checked by the caller */
    const char *dataset; /* name or id */
    const char *run;     /* NULL: the ground truth */
    const char *split;   /* label of a ground truth's images; NULL: none */
    bool create_only;    /* a ground truth that exists is refused */
    struct import_conditions conditions;
    struct directory *directory; /* a run's files, instead of a body; NULL: none */
};

struct import_outcome {
    struct buf document; /* the import or dataset document; after a failure: the skips, or empty */
    bool created;        /* a ground truth that was not there before */
    char import_id[24];  /* after a failure: the import, if it had got so far */
};

void import_outcome_init(struct import_outcome *outcome);
void import_outcome_free(struct import_outcome *outcome);

/* Imports a results file as a run, or a ground truth. True only after the publication has been
 * committed; of a dry run, when it could have been. On failure nothing has changed, but for the history of imports. db is used for the
 * whole time and may have been connected anew. body: NULL where there is a directory. */
bool import_run(struct db *db, const struct import_target *target, const struct reader *body,
                const struct json_limits *limits, struct import_outcome *outcome, struct err *err);
bool import_ground_truth(struct db *db, const struct import_target *target,
                         const struct reader *body, const struct json_limits *limits,
                         struct import_outcome *outcome, struct err *err);

/* Writes a failed import into the history: problem is the document that its client is told. */
bool import_record_failure(struct db *db, const struct import_target *target,
                           const struct import_outcome *outcome, const char *problem,
                           struct err *err);

#endif
