/* All numbers at one operating point, computed from the objects of an evaluation. */
#ifndef PGCOCO_EVALUATION_POINTS_H
#define PGCOCO_EVALUATION_POINTS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/confusion.h"
#include "evaluation/objects.h"
#include "evaluation/operating_point.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

struct points {
    struct operation all;
    struct operation *classes; /* of each class; of selected ones only */
    struct confusion confusion;
};

/* Computes all at settings->iou and settings->confidence. ERR_BUSY if there is no memory, or an
 * error of progress_go_on. Call points_free in any case. */
bool points_compute(struct points *points, const struct objects *objects,
                    const struct settings *settings, const struct selection *selection,
                    unsigned threads, struct progress *progress, struct err *err);
void points_free(struct points *points);

#endif
