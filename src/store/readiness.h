/* Whether a database can take imports: it has the right schema, and it is open for writing. */
#ifndef PGCOCO_STORE_READINESS_H
#define PGCOCO_STORE_READINESS_H

#include <stdbool.h>

#include "base/err.h"
#include "store/db.h"

/* True when the database takes imports. Otherwise ERR_READ_ONLY, ERR_SCHEMA_MISMATCH or
 * ERR_DATABASE_AWAY with a sentence that says what to do. The connection must be idle. */
bool readiness_check(struct db *db, struct err *err);

/* What a process asks at its start, over a connection of its own. True when the schema is right, or
 * when that cannot be known: a database that cannot be reached now may be back later. */
bool readiness_check_start(const char *conninfo, struct err *err);

#endif
