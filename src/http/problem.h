/* Errors as users see them: application/problem+json (RFC 9457). */
#ifndef PGCOCO_HTTP_PROBLEM_H
#define PGCOCO_HTTP_PROBLEM_H

#include "base/buf.h"
#include "base/err.h"

/* Returns the HTTP status of an error. No other code maps errors to statuses. */
unsigned problem_status(enum err_code code);

/* Returns when clients get an error, for people, with words of the program in backquotes; NULL if
 * none gets it: it stands in the history of imports only. */
const char *problem_when(enum err_code code);

/* Appends the problem document. skips: JSON array of skipped rows; NULL or "": none. more: further
 * members, as JSON that starts with a comma; NULL or "": none. */
void problem_write(const struct err *err, const char *skips, const char *more, struct buf *into);

#endif
