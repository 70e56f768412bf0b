/* The 95 % interval of the AP of a stored evaluation, by bootstrap over images. */
#ifndef PGCOCO_EVALUATION_INTERVAL_H
#define PGCOCO_EVALUATION_INTERVAL_H

#include <stdbool.h>

#include "base/err.h"
#include "evaluation/subject.h"

/* Tells whether the interval of subject->evaluation_id is stored. */
bool interval_is_stored(const struct subject *subject, struct db *db, bool *stored,
                        struct err *err);

/* Computes it with BOOTSTRAP_RESAMPLES resamples and seed 0. subject: loaded. Errors as of
 * bootstrap_make. */
bool interval_compute(const struct subject *subject, const struct evaluator *evaluator,
                      const struct settings *settings, double *low, double *high, struct err *err);

/* Stores it. db: no transaction is open. */
bool interval_store(const struct subject *subject, struct db *db, double low, double high,
                    struct err *err);

#endif
