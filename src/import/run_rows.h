/*
 * The rows of a results file on their way into a leaf: held against the dataset, copied, counted by class. What
 * the file looks like around its rows is the business of load_results.
 */
#ifndef PGCOCO_IMPORT_RUN_ROWS_H
#define PGCOCO_IMPORT_RUN_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "coco/detection_annotation.h"
#include "coco/results.h"
#include "import/class_counts.h"
#include "import/load.h"
#include "import/own_ids.h"
#include "store/catalog.h"
#include "store/names.h"

struct run_rows {
    struct load *load;
    const char *leaf;
    bool wide;        /* the leaf has all columns, not only those of boxes */
    bool late_images; /* own_images, or own_categories, may still come behind the rows */
    bool late_categories;
    uint64_t copied; /* rows of copies that have ended: to widen the leaf, or to ask for names */
    const char *dataset_id;
    struct catalog catalog;
    struct names images; /* loaded when a row gives a name instead of an id */
    struct names categories;
    struct own_ids own_images; /* of a file that brings its own, with match=name */
    struct own_ids own_categories;
    struct class_counts classes;
    struct results_row row;
    bool own_image; /* the present row has the file's own id, to be matched when all is there */
    bool own_category;
    struct buf extra; /* of the present row */
    struct buf scratch;
    struct buf crossings;
};

/* Where a row stands, for the account. */
struct row_place {
    uint64_t index;
    uint64_t offset;
    const char *file; /* its name as the directory has it; NULL: there is only one */
    bool is_file;     /* not a row is meant, but all of the file */
};

/* Reads what the dataset has and opens the copy. load, leaf and dataset_id must outlive *rows;
 * run_rows_close is due in any case. */
bool run_rows_open(struct run_rows *rows, struct load *load, const char *leaf,
                   const char *dataset_id, struct err *err);
void run_rows_close(struct run_rows *rows);

/* One element of the file: copied, or skipped and counted. False when the load has failed. */
bool run_rows_add(struct run_rows *rows, const struct json_value *element, struct err *err);

/* The same of a row whose image and category are known by name, and whose box is in parts of the image. The names
 * of both must be at hand. */
bool run_rows_add_detection(struct run_rows *rows, const struct detection_row *row,
                            const struct row_place *place, struct err *err);

/* A row, or a file of rows, that cannot even be looked at. */
void run_rows_skip(struct run_rows *rows, const struct skip *skip, const struct row_place *place);

/* The connection is the copy's own as long as it is open: in between it may be asked something. */
bool run_rows_pause(struct run_rows *rows, struct err *err);
bool run_rows_resume(struct run_rows *rows, struct err *err);

/* Before the first row of a file with match=name: what it has not brought by now is matched behind its last row. */
bool run_rows_wait_for_own(struct run_rows *rows, struct err *err);

/* Has the names of images, or of categories, at hand. */
bool run_rows_need_names(struct run_rows *rows, bool images, struct err *err);

/* Ends the copy; every row that was sent has arrived, and at least one if there were any. Writes the counts by
 * class into the load. */
bool run_rows_end(struct run_rows *rows, struct err *err);

#endif
