/*
 * A run, or a ground truth, as a COCO file again: the database names the parts, text and rows in
 * turn, and renders the rows. All of them are read in one snapshot, which also keeps their tables
 * from being collected.
 */
#ifndef PGCOCO_EXPORT_EXPORT_H
#define PGCOCO_EXPORT_EXPORT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/sink.h"
#include "store/db.h"
#include "store/rows.h"

/* $1 is a dataset, $2 a run: for export_open. */
extern const char export_run_sql[];
extern const char export_ground_truth_sql[];

struct export {
    struct db *db;
    struct rows parts;
};

/* Begins a transaction and finds the parts. sql: one of the above, with its parameters.
 * ERR_UNKNOWN_DATASET, ERR_UNKNOWN_RUN. export_close must be called in any case. */
bool export_open(struct export *export, struct db *db, const char *sql, int count,
                 const char *const *params, struct err *err);

/* Leaves the transaction. */
void export_close(struct export *export);

/* The file's name without its ending: the run's name, or the dataset's. */
const char *export_name(const struct export *export);

/* Writes the file. Rows come as fast as the sink takes them. Counts them in progress, which may be
 * NULL, and ends early when that says so. False with what the sink or the database said. */
bool export_write(struct export *export, const struct sink *sink, struct progress *progress,
                  struct err *err);

#endif
