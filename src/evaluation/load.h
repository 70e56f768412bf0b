/* Reads the rows of an evaluation from the database. */
#ifndef PGCOCO_EVALUATION_LOAD_H
#define PGCOCO_EVALUATION_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/objects.h"
#include "evaluation/settings.h"
#include "store/db.h"

/* The two imports that are compared. */
struct imports {
    int64_t dataset_id;
    int64_t ground_truth;
    int64_t run;
};

/* Reading takes two connections where it can: the server has one process for each. */
struct connections {
    struct db *db;     /* with an open transaction (db_begin_reading) */
    struct db *second; /* without; NULL: there is one only */
};

/* Makes the objects of two imports, with their overlaps. The caller frees *objects in any case. The
 * progress counts ground truths and detections. */
bool load_objects(struct objects *objects, const struct connections *connections,
                  const struct imports *imports, const struct settings *settings, unsigned threads,
                  struct progress *progress, struct err *err);

/* Marks the images of a split and a slice, NULL: not restricted. images: objects->image_count
 * flags, all false. In the same kind of transaction, of this dataset. */
bool load_selection(bool *images, const struct objects *objects, struct db *db,
                    const struct imports *imports, const char *split, const char *slice,
                    struct progress *progress, struct err *err);

#endif
