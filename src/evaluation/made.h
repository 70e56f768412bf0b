/* Keeps the numbers of an evaluation in the database. */
#ifndef PGCOCO_EVALUATION_MADE_H
#define PGCOCO_EVALUATION_MADE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "evaluation/numbers.h"
#include "evaluation/subject.h"
#include "store/db.h"

/* What an evaluation has been made into. */
struct made {
    struct numbers numbers;
    struct buf json; /* without the curves */
    int64_t duration_ms;
};

/* Stores the numbers, and the curves unless they are stored, in a transaction of its own, and sets
 * subject->evaluation_id. subject: loaded. An error of the database. */
bool made_store(struct made *made, struct subject *subject, struct db *db, const char *run,
                struct err *err);

#endif
