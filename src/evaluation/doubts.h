/* What makes the numbers of an evaluation doubtful, as found in its objects. For warnings. */
#ifndef PGCOCO_EVALUATION_DOUBTS_H
#define PGCOCO_EVALUATION_DOUBTS_H

#include <stdbool.h>
#include <stdint.h>

#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

struct doubts {
    bool has_id_0; /* a selected ground truth has annotation id 0, which counts as unmatched */
    int64_t id_0_image;
    uint64_t unpredicted;      /* images with selected ground truth and no prediction */
    int64_t unpredicted_image; /* the first one */
    uint64_t detections;       /* all, whether selected or not */
    double score;              /* of the first one */
    bool scores_differ;
    struct notes notes;
};

/* Adds what there is in *objects; of several parts, images ascend. *doubts begins as {0}. */
void doubts_add(struct doubts *doubts, const struct objects *objects,
                const struct settings *settings, const struct selection *selection);

#endif
