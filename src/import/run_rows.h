/*
 * The rows of a run on their way into a leaf: checked against the dataset, copied, and counted by
 * class. load_results and load_directory read the file around them.
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
#include "store/text_ids.h"

enum {
    UNKNOWN_IMAGES = 32
};

/* The image that an object names for the rows in it. */
struct image_around {
    bool named; /* it names one; else the rows do */
    bool known; /* the dataset has it */
    bool own;   /* id is the file's own, matched later */
    int64_t id;
    struct skip skip; /* why it is not known */
};

struct run_rows {
    struct load *load;
    const char *leaf; /* name, quoted */
    bool wide;        /* the leaf has all columns, not only those of a box */
    bool late_images; /* the file's own images (categories) may come after its rows */
    bool late_categories;
    const char *dataset_id;
    struct catalog catalog;
    struct text_ids text_ids;
    struct names images; /* loaded when the first row needs them */
    struct names categories;
    struct own_ids own_images; /* with match=name: the ids of the file */
    struct own_ids own_categories;
    struct text_ids own_texts; /* like own_images, for ids that are texts */
    bool has_own_texts;        /* images of the file have such ids */
    bool texts_before_own;     /* rows gave texts before the file gave its images */
    struct class_counts classes;
    struct results_row row;
    struct image_around around; /* all false: no object */
    bool own_image;             /* the current row has an id of the file's, matched later */
    bool own_category;
    int64_t unknown_images[UNKNOWN_IMAGES]; /* the first ids that are not in the dataset */
    unsigned unknown_count;
    struct buf extra; /* of the current row */
    struct buf scratch;
    struct crossings crossings;
};

/* The place of a row, for messages about skipped rows. */
struct row_place {
    uint64_t index;   /* across all files, from 0 */
    uint64_t offset;  /* bytes from the start of its file */
    const char *file; /* name in the directory; NULL: not a directory */
    bool is_file;     /* the place is a whole file, not a row */
};

/* Loads the dataset's ids and opens the copy. load, leaf and dataset_id must outlive *rows. Call
 * run_rows_close in any case. */
bool run_rows_open(struct run_rows *rows, struct load *load, const char *leaf,
                   const char *dataset_id, struct err *err);
void run_rows_close(struct run_rows *rows);

/* Copies one row of the file. If it cannot be taken, *taken is false and *skip filled; nothing is
 * counted then: call run_rows_refuse. Returns false if the load has failed, also because the row
 * and the object around it name different images (ERR_WRONG_SHAPE). */
bool run_rows_take(struct run_rows *rows, const struct json_value *element, bool *taken,
                   struct skip *skip, struct err *err);

/* Counts a row that was not taken as skipped. */
void run_rows_refuse(struct run_rows *rows, const struct json_value *element,
                     const struct skip *skip);

/* Copies one row of the file, or counts it as skipped. Returns false if the load has failed. */
bool run_rows_add(struct run_rows *rows, const struct json_value *element, struct err *err);

/* Like run_rows_add, for a row that names its image and category and gives its box as fractions of
 * the image. Call row_ids_need_names for both before. */
bool run_rows_add_detection(struct run_rows *rows, const struct detection_row *row,
                            const struct row_place *place, struct err *err);

/* Counts a row, or a whole file, that could not be read. */
void run_rows_skip(struct run_rows *rows, const struct skip *skip, const struct row_place *place);

/* End the copy, so that the connection can run other statements, and open it again. */
bool run_rows_pause(struct run_rows *rows, struct err *err);
bool run_rows_resume(struct run_rows *rows, struct err *err);

/* Call before the first row of a file with match=name. Images or categories that the file has not
 * given by then are matched after its last row. */
bool run_rows_wait_for_own(struct run_rows *rows, struct err *err);

/* Ends the copy and writes the counts by class into the load. Fails if a row was lost on the way,
 * or if the file has rows and none was taken (ERR_NOTHING_TAKEN). */
bool run_rows_end(struct run_rows *rows, struct err *err);

#endif
