/* Connects commands to the database: see connection.h. */
#include "cli/connection.h"

#include "store/schema.h"

bool connection_open(struct db *db, const char *conninfo, struct err *err) {
    if (!db_connect(db, conninfo, err)) return false;
    if (schema_check(db, err)) return true;
    db_close(db);
    return false;
}
