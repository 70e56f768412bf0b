/*
 * The rows of a results file on their way into a leaf: checked against the dataset, copied, counted
 * by class. load_results knows what the file looks like around its rows.
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

/* Where a row is, for messages about skipped rows. */
struct row_place {
    uint64_t index;
    uint64_t offset;
    const char *file; /* its name as the directory has it; NULL: there is only one */
    bool is_file;     /* not a row is meant, but all of the file */
};

/* Reads the dataset's ids and opens the copy. load, leaf and dataset_id must outlive *rows.
 * run_rows_close must be called in any case. */
bool run_rows_open(struct run_rows *rows, struct load *load, const char *leaf,
                   const char *dataset_id, struct err *err);
void run_rows_close(struct run_rows *rows);

/* Copies one element of the file, or skips and counts it. False when the load has failed. */
bool run_rows_add(struct run_rows *rows, const struct json_value *element, struct err *err);

/* The same for a row that names its image and its category and gives its box as fractions of the
 * image. run_rows_need_names must have been called for both. */
bool run_rows_add_detection(struct run_rows *rows, const struct detection_row *row,
                            const struct row_place *place, struct err *err);

/* Counts a row, or a file of rows, that could not be read at all. */
void run_rows_skip(struct run_rows *rows, const struct skip *skip, const struct row_place *place);

/* Ends the copy so that the connection can run other statements; then opens another copy. */
bool run_rows_pause(struct run_rows *rows, struct err *err);
bool run_rows_resume(struct run_rows *rows, struct err *err);

/* Called before the first row of a file with match=name: the images or categories that it has not
 * given by now are matched after its last row. */
bool run_rows_wait_for_own(struct run_rows *rows, struct err *err);

/* Loads the names of the dataset's images, or of its categories, if they are not there yet. */
bool run_rows_need_names(struct run_rows *rows, bool images, struct err *err);

/* Ends the copy and writes the counts by class into the load. True when every row that was sent has
 * arrived, and at least one if the file had any. */
bool run_rows_end(struct run_rows *rows, struct err *err);

#endif
