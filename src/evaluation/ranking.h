/*
 * What is left of a run when only the weights of its images change: for each class the images of
 * its detections, surest first, and the detections that are more than false positives. What cannot
 * change any precision is left out: detections that are ignored at all thresholds, and all after
 * the last hit. Takes 4 bytes for a detection and 16 for one that is more than a false positive.
 */
#ifndef PGCOCO_EVALUATION_RANKING_H
#define PGCOCO_EVALUATION_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/match.h"
#include "evaluation/objects.h"
#include "evaluation/selection.h"
#include "evaluation/settings.h"

/* The images of a selection, numbered from 0 without a gap. */
struct slots {
    uint32_t count;
    uint32_t *of_images; /* by index in objects->image_ids; SLOT_NONE: not selected */
};

#define SLOT_NONE UINT32_MAX

/* A detection that is a hit, or is ignored, at some thresholds; bit t stands for thresholds[t]. */
struct ranking_event {
    size_t position; /* index in ranking->slots */
    uint32_t hits;
    uint32_t ignored;
};

struct ranking {
    size_t classes;
    uint32_t *slots;     /* the image of each detection, by class, surest first */
    size_t *slot_starts; /* classes + 1 */
    struct ranking_event *events;
    size_t *event_starts; /* classes + 1 */
};

/* The images of the ground truths that count, by class. */
struct truth_slots {
    size_t classes;
    uint32_t *slots;
    size_t *starts; /* classes + 1 */
};

/* Each makes room for what it fills, and must be freed in any case. ERR_BUSY if there is no memory.
 * Classes that are not selected stay empty. */
bool slots_init(struct slots *slots, const struct objects *objects,
                const struct selection *selection, struct err *err);
void slots_free(struct slots *slots);

/* verdicts: of the first area range (match_images). Also an error of progress_go_on. */
bool ranking_init(struct ranking *ranking, const struct objects *objects,
                  const struct settings *settings, const struct selection *selection,
                  const struct slots *slots, const struct verdict *verdicts,
                  struct progress *progress, struct err *err);
void ranking_free(struct ranking *ranking);

/* For the first area range. */
bool truth_slots_init(struct truth_slots *truths, const struct objects *objects,
                      const struct settings *settings, const struct selection *selection,
                      const struct slots *slots, struct err *err);
void truth_slots_free(struct truth_slots *truths);

#endif
