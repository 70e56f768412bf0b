/* The table of all routes: addresses, handlers and parameters. */
#ifndef PGCOCO_API_ROUTES_H
#define PGCOCO_API_ROUTES_H

#include <stddef.h>

#include "api/exchange.h"
#include "api/parameters.h"

enum {
    ROUTE_PARAMETERS = 18 /* at most */
};

struct route {
    const char *method;
    const char *pattern; /* {name} matches one segment, which must not be empty */
    void (*handle)(struct exchange *x);
    /* The statement that the handler runs; NULL: none. $1, $2 ... are the parameters in their
     * order, as text; null if there is no value. */
    const char *sql;
    const char *summary; /* one line for users */
    /* Parameters of the pattern first, in its order; ends with PARAMETER_NONE. */
    enum parameter_id parameters[ROUTE_PARAMETERS + 1];
    /* The statement whose text changes when the answer may have changed; $1 is the first parameter.
     * NULL: the answer must not be kept. */
    const char *version;
};

extern const struct route route_table[];
extern const size_t route_count;

#endif
