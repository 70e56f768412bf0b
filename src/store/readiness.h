/* Checks whether a database can take imports: right schema, and writable. */
#ifndef PGCOCO_STORE_READINESS_H
#define PGCOCO_STORE_READINESS_H

#include <stdbool.h>

#include "base/err.h"
#include "store/db.h"

/* True if the database takes imports. Otherwise ERR_READ_ONLY, ERR_SCHEMA_MISMATCH or
 * ERR_DATABASE_AWAY, with a sentence that says what to do. The connection must be idle. */
bool readiness_check(struct db *db, struct err *err);

/* The check at the start of a process, over a connection of its own. Also true if the database
 * cannot be reached, because it may come back later; that is logged. */
bool readiness_check_start(const char *conninfo, struct err *err);

#endif
