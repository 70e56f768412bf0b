/* Sends cancel requests: see cancel.h. */
#include "store/cancel.h"

#include "store/libpq.h"

bool cancel_init(struct cancel *cancel, const struct db *db, struct err *err) {
    cancel->request = PQgetCancel(db->conn);
    return cancel->request || err_set(err, ERR_BUSY, "out of memory for a cancel request");
}

void cancel_free(struct cancel *cancel) {
    PQfreeCancel(cancel->request);
    cancel->request = NULL;
}

void cancel_send(const struct cancel *cancel) {
    char ignored[256]; /* the caller repeats the request */
    (void)PQcancel(cancel->request, ignored, sizeof ignored);
}
