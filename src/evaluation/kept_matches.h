/* The rows of coco.matches of a run: finds them, or makes and keeps them. */
#ifndef PGCOCO_EVALUATION_KEPT_MATCHES_H
#define PGCOCO_EVALUATION_KEPT_MATCHES_H

#include <stdbool.h>

#include "base/err.h"
#include "evaluation/subject.h"
#include "store/db.h"

/* Tells whether coco.matches has the rows of the run for this iou_type. */
bool matches_are_kept(struct db *db, const struct evaluation_request *request, bool *found,
                      struct err *err);

/* Makes sure that coco.matches has the rows of the run for this iou_type (evaluation/matches). Of
 * the request, only the dataset, the run and the iou_type matter, and the sigmas where rows are
 * made: rows that are there stay. Errors as of evaluation_make, and ERR_IMPORT_RUNNING if the run
 * is replaced meanwhile. A large run is read in parts if there is a second connection, otherwise as
 * a whole. */
bool matches_keep(const struct evaluator *evaluator, const struct evaluation_request *request,
                  struct err *err);

#endif
