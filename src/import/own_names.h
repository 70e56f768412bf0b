/*
 * The images and categories that a results file brings with its rows: they must be those of the
 * dataset, or, with match=name, say what the ids of the rows mean.
 */
#ifndef PGCOCO_IMPORT_OWN_NAMES_H
#define PGCOCO_IMPORT_OWN_NAMES_H

#include <stdbool.h>

#include "base/err.h"
#include "import/row_ids.h"

/* Reads the array of images (or categories) at which the document stands. Without match=name,
 * ERR_WRONG_SHAPE if one has another name in the dataset. With it, fills rows->own_images and
 * own_texts (own_categories). Ends the copy and opens it again where it loads names. */
bool own_names_load(struct run_rows *rows, enum named named, struct err *err);

#endif
