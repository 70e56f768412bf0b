/*
 * Rows of an evaluation on their way from COPY into objects: the columns that
 * coco.evaluation_rows names, and what comes along with them (masks, keypoints, progress).
 */
#ifndef PGCOCO_EVALUATION_LOADING_H
#define PGCOCO_EVALUATION_LOADING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/slice.h"
#include "evaluation/masks.h"
#include "evaluation/objects.h"
#include "evaluation/poses.h"
#include "evaluation/settings.h"
#include "store/catalog.h"
#include "store/db.h"

struct loading {
    struct objects *objects;
    const struct settings *settings;
    struct progress *progress;
    struct idset images;      /* ids belong to *objects */
    struct idset categories;  /* likewise */
    bool has_area;            /* of detections; otherwise it is that of their box */
    struct picture *pictures; /* by index of image; masks only */
    size_t image_cap;
    size_t category_cap;
    size_t picture_cap;
    struct masks masks;
    struct poses poses;
    uint64_t before;         /* rows that were read for former parts */
    struct progress *beside; /* of a thread that reads, too; NULL: none */
    bool *selected;          /* instead of objects: flags by index of image */
};

/* Prepares masks and poses; settings is set. Call loading_free in any case. */
void loading_init(struct loading *loading);
void loading_free(struct loading *loading);

/* The ids of the objects are complete: rows may refer to them. */
void loading_know_ids(struct loading *loading);

/* Takes a row of a part of coco.evaluation_rows, or of coco.begin_selection. */
typedef bool take_row(struct loading *loading, struct slice tuple, struct err *err);
take_row loading_take_image;
take_row loading_take_category;
take_row loading_take_truth;
take_row loading_take_detection;
take_row loading_take_selected;

/* Runs a COPY command and takes its rows. An error of the database or of progress_go_on. */
bool loading_read(struct loading *loading, struct db *db, const char *command, take_row *take,
                  struct err *err);

/* Counts ground truths and detections, those of the other thread with them. */
void loading_show_rows(const struct loading *loading);

#endif
