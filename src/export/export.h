/*
 * Writes a run, or a ground truth, as a file. The database lists the parts of the file, each a text
 * and a statement for the rows after it, and renders the rows. All parts are read from one
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

/* Statements for export_open. $1 is a dataset; $2 of the first a run. Then come a format, and the
 * filters of a list of images; null: none. */
extern const char export_run_sql[];
extern const char export_ground_truth_sql[];

enum {
    EXPORT_FILTERS = 13
};

enum export_format {
    EXPORT_COCO,
    EXPORT_CSV,
    EXPORT_JSONL,
    EXPORT_YOLO,
    EXPORT_FORMATS /* the number of formats */
};

/* The names of the formats, as users give them; ends with NULL. */
extern const char *const export_format_names[EXPORT_FORMATS + 1];

/* Returns the content type of a format, and how its file names end: constant. */
const char *export_type(enum export_format format);
const char *export_ending(enum export_format format);

struct export {
    struct db *db;
    enum export_format format;
    struct rows parts;
};

/* Begins a transaction and reads the list of parts. sql: one of the above, with its
 * parameters, of which one is the name of the format. ERR_UNKNOWN_DATASET, ERR_UNKNOWN_RUN, what a
 * filter may be refused for, or an error of the database. Call export_close in any case. */
bool export_open(struct export *export, struct db *db, enum export_format format, const char *sql,
                 int count, const char *const *params, struct err *err);

/* Ends the transaction. */
void export_close(struct export *export);

/* Returns the name of the file without its ending: that of the run or the dataset. */
const char *export_name(const struct export *export);

/* Writes the file to the sink, as fast as that takes it. Counts rows in `progress`, which may be
 * NULL, and fails if that asks to stop. Errors are those of the sink or the database. */
bool export_write(struct export *export, const struct sink *sink, struct progress *progress,
                  struct err *err);

#endif
