/* What follows from a row of the table of routes: the errors that it may answer, and what is shown
 * of it to programs (api/openapi) and people (api/reference, api/tables). */
#ifndef PGCOCO_API_OPERATION_H
#define PGCOCO_API_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "api/routes.h"
#include "base/buf.h"

struct operation_tag {
    const char *name;
    const char *description;
};

/* The subjects of routes, in the order in which they are shown; ends with NULL. */
extern const struct operation_tag operation_tags[];

/* True if a client of this route may get this error. 405 and 404 for other addresses are not errors
 * of a route, and do not count. */
bool operation_may_fail(const struct route *route, enum err_code code);

/* True if the request must give this parameter of the query string. */
bool operation_requires(const struct route *route, enum parameter_id id);

/* True if this answer is a page for a browser that prefers pages. */
bool operation_has_page(const struct answer *answer);

/* Writes in words what values a parameter may have. What a name is, and a token, is said once for
 * all of them. */
void operation_write_values(const struct parameter *parameter, struct buf *into);

/* Writes an example: a command line of curl. */
void operation_write_example(const struct route *route, struct buf *into);

#endif
