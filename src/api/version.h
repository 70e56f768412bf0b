/*
 * Versions of answers, for clients that have one and ask whether it still holds (RFC 9110, sections
 * 8.8.3 and 13.1.2). The database makes them of the imports that are published, so an answer that
 * has not changed costs no row of theirs. Pages have none: another program may show them otherwise.
 */
#ifndef PGCOCO_API_VERSION_H
#define PGCOCO_API_VERSION_H

#include <stdbool.h>

#include "api/exchange.h"
#include "base/err.h"
#include "store/db.h"

/* Whether answers of this route have versions, so that clients may keep them. */
bool version_has(const struct exchange *x);

/* Reads the version, before the answer itself is read: an answer that changes in between gets an
 * old version, which costs the client one more request. Does nothing for routes without versions,
 * and for pages. False with the error of the database; ERR_UNKNOWN_DATASET. */
bool version_read(struct exchange *x, struct db *db, struct err *err);

/* Answers itself if the client has the answer, or if that cannot be found out; true if it did.
 * Reads the version over a connection for reads. */
bool version_answer(struct exchange *x);

/* Returns the version that was read; NULL if there is none. */
const char *version_etag(const struct exchange *x);

/* Whether the client has the answer with the version that was read. "*" is no version: whether
 * there is an answer at all is not known yet. */
bool version_is_known(const struct exchange *x);

#endif
