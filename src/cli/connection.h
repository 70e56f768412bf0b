/* Opens a connection to a database that has the schema of this program. */
#ifndef PGCOCO_CLI_CONNECTION_H
#define PGCOCO_CLI_CONNECTION_H

#include "base/err.h"
#include "store/db.h"

/* ERR_DATABASE_AWAY, or ERR_SCHEMA_MISMATCH with a sentence that says what to run. If it returns
 * true, the caller closes the connection. */
bool connection_open(struct db *db, const char *conninfo, struct err *err);

#endif
