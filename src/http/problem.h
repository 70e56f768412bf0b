/* Errors as users see them: application/problem+json (RFC 9457). */
#ifndef PGCOCO_HTTP_PROBLEM_H
#define PGCOCO_HTTP_PROBLEM_H

#include "base/buf.h"
#include "base/err.h"

/* The HTTP status of an error: the one place that says so. */
unsigned problem_status(enum err_code code);

/* The document; skips: JSON array of what was skipped, NULL or "" for none; more: further members,
 * as JSON text that begins with a comma, NULL or "" for none. */
void problem_write(const struct err *err, const char *skips, const char *more, struct buf *into);

#endif
