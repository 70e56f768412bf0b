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

/* Some of the images, by id. Where two connections read, the second one begins at `middle`. */
struct image_range {
    int64_t first;
    int64_t middle;
    int64_t last;
};

/* Makes the objects of two imports, with their overlaps. The caller frees *objects in any case.
 * range: NULL for all images. The progress counts the rows, from *rows on, which is advanced. */
bool load_objects(struct objects *objects, const struct connections *connections,
                  const struct imports *imports, const struct image_range *range,
                  const struct settings *settings, unsigned threads, struct progress *progress,
                  uint64_t *rows, struct err *err);

/* Marks the images of a split and a slice, NULL: not restricted. images: objects->image_count
 * flags, all false. range: that of load_objects. In the same kind of transaction, of this
 * dataset. */
bool load_selection(bool *images, const struct objects *objects, struct db *db,
                    const struct imports *imports, const struct image_range *range,
                    const char *split, const char *slice, struct progress *progress,
                    struct err *err);

#endif
