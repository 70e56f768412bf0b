/* The verdicts on all detections, found by several threads. */
#ifndef PGCOCO_EVALUATION_VERDICTS_H
#define PGCOCO_EVALUATION_VERDICTS_H

#include <stddef.h>

#include "base/err.h"
#include "base/progress.h"
#include "evaluation/match.h"
#include "evaluation/objects.h"
#include "evaluation/settings.h"

/* Returns `areas` verdicts for each detection, one after the other, for the first area ranges
 * (match_images). The caller frees them. NULL with ERR_BUSY if there is no memory, or with an error
 * of progress_go_on. */
struct verdict *verdicts_make(const struct objects *objects, const struct settings *settings,
                              size_t areas, unsigned threads, struct progress *progress,
                              struct err *err);

#endif
