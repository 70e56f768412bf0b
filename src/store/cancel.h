/*
 * Asks the server to cancel the statement of a connection. The request uses a connection of its
 * own, so another thread may send it while the statement runs.
 */
#ifndef PGCOCO_STORE_CANCEL_H
#define PGCOCO_STORE_CANCEL_H

#include "base/err.h"
#include "store/db.h"

struct cancel {
    void *request; /* libpq's PGcancel */
};

/* Prepares cancel requests for this connection; after a reconnect a new struct cancel is needed.
 * ERR_BUSY if there is no memory. Call cancel_free if it returns true. */
bool cancel_init(struct cancel *cancel, const struct db *db, struct err *err);
void cancel_free(struct cancel *cancel);

/* Sends a request. It may arrive too late or between two statements, so repeat it until the work
 * has ended. */
void cancel_send(const struct cancel *cancel);

#endif
