/*
 * Imports whose rows the server takes from other imports: nothing passes through this program. Like
 * an import of a file they are made in four transactions, all or nothing.
 */
#ifndef PGCOCO_IMPORT_COPIES_H
#define PGCOCO_IMPORT_COPIES_H

#include <stdbool.h>

#include "base/err.h"
#include "base/progress.h"
#include "import/import.h"
#include "store/db.h"

enum {
    COPIES_PARAMETERS = 4 /* at most, of the first statement */
};

struct copies {
    struct import_target target; /* for the history, and how far it is */
    const char *begin;           /* the statement of transaction 1: returns the id of the import */
    int count;
    const char *params[COPIES_PARAMETERS];
    const char *publish;  /* that of transaction 4: its parameters are the id, and `argument` */
    const char *argument; /* NULL: none */
};

/* Makes the copies and fills the document of *outcome. On failure fills *err, and the database is
 * as before, except for the history; outcome->import_id then names the import to
 * import_record_failure. */
bool copies_make(struct db *db, const struct copies *copies, struct import_outcome *outcome,
                 struct err *err);

#endif
