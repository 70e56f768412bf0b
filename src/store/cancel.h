/*
 * Asks the database to break off the statement that a connection is at. The request takes a
 * connection of its own, so another thread may send it while the statement runs.
 */
#ifndef PGCOCO_STORE_CANCEL_H
#define PGCOCO_STORE_CANCEL_H

#include "base/err.h"
#include "store/db.h"

struct cancel {
    void *request; /* libpq's */
};

/* Makes ready to cancel what the connection does; a connection made anew needs a new struct cancel.
 * ERR_BUSY when out of memory. The caller frees it in any case. */
bool cancel_init(struct cancel *cancel, const struct db *db, struct err *err);
void cancel_free(struct cancel *cancel);

/* Sends the request. It may come too late or between two statements: ask again until the work has
 * ended. */
void cancel_send(const struct cancel *cancel);

#endif
