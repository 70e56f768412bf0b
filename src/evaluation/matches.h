/*
 * Keeps findings in the database: the rows of coco.matches, one for each detection and each ground
 * truth. They are published like an import, in four transactions (doc/visibility.md).
 *
 *     matches_publish(db, &target, &objects, &findings, progress, err);
 *
 * or, for objects that are made in parts, a part at a time:
 *
 *     good = matches_begin(&matches, db, &target, progress, err);
 *     while (good && there is a part) good = matches_add(&matches, &objects, &findings, err);
 *     good = matches_end(&matches, good, err);
 */
#ifndef PGCOCO_EVALUATION_MATCHES_H
#define PGCOCO_EVALUATION_MATCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "evaluation/findings.h"
#include "evaluation/objects.h"
#include "evaluation/settings.h"
#include "store/copy.h"
#include "store/db.h"

/* Whose findings they are. */
struct matches_target {
    int64_t dataset_id;
    const char *run;
    enum iou_type iou_type;
    int64_t ground_truth; /* coco.imports.import_id of what was compared */
    int64_t import_id;    /* likewise, of the run */
};

enum {
    MATCHES_NUMBER = 24,
    MATCHES_NAME = 80
};

struct matches {
    struct db *db;
    struct progress *progress;
    struct progress *former; /* of the connection, set again at the end */
    const struct matches_target *target;
    struct copy copy;
    bool made; /* by others already */
    char id[MATCHES_NUMBER];
    char leaf[MATCHES_NAME];
    struct buf counts; /* coco.match_counts, as an array */
};

/* Makes the matches of a run, unless they are there: waits for another request that makes the same
 * ones. On success they are published. Fails with ERR_IMPORT_RUNNING if the run or its ground truth
 * has been replaced since, ERR_BUSY, or an error of the database or of progress_go_on; nothing has
 * changed then. db: no transaction may be open. progress may be NULL. */
bool matches_publish(struct db *db, const struct matches_target *target,
                     const struct objects *objects, const struct findings *findings,
                     struct progress *progress, struct err *err);

/* The same in parts. Each object belongs to one part. *target must outlive *matches. Call
 * matches_end in any case, with whether everything has gone well so far; it keeps *err otherwise.
 */
bool matches_begin(struct matches *matches, struct db *db, const struct matches_target *target,
                   struct progress *progress, struct err *err);
bool matches_add(struct matches *matches, const struct objects *objects,
                 const struct findings *findings, struct err *err);
bool matches_end(struct matches *matches, bool good, struct err *err);

#endif
