/*
 * Writes a run, or a ground truth, as a COCO file. The database lists the parts of the file, each a
 * text and a statement for the rows after it, and renders the rows. All parts are read from one
 * snapshot, which also keeps their tables from being dropped.
 */
#ifndef PGCOCO_EXPORT_EXPORT_H
#define PGCOCO_EXPORT_EXPORT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/sink.h"
#include "store/db.h"
#include "store/rows.h"

/* Statements for export_open. $1 is a dataset, $2 a run. */
extern const char export_run_sql[];
extern const char export_ground_truth_sql[];

struct export {
    struct db *db;
    struct rows parts;
};

/* Begins a transaction and reads the list of parts. sql: one of the above, with its
 * parameters. ERR_UNKNOWN_DATASET, ERR_UNKNOWN_RUN, or an error of the database. Call
 * export_close in any case. */
bool export_open(struct export *export, struct db *db, const char *sql, int count,
                 const char *const *params, struct err *err);

/* Ends the transaction. */
void export_close(struct export *export);

/* Returns the name of the file without its ending: that of the run or the dataset. */
const char *export_name(const struct export *export);

/* Writes the file to the sink, as fast as that takes it. Counts rows in `progress`, which may be
 * NULL, and fails if that asks to stop. Errors are those of the sink or the database. */
bool export_write(struct export *export, const struct sink *sink, struct progress *progress,
                  struct err *err);

#endif
