/*
 * The table of all routes: which address does what, and which parameters it takes. Everything that
 * describes the API is made from it.
 */
#ifndef PGCOCO_API_ROUTES_H
#define PGCOCO_API_ROUTES_H

#include <stddef.h>

#include "api/exchange.h"
#include "api/parameters.h"

enum {
    ROUTE_PARAMETERS = 10
};

struct route {
    const char *method;
    const char *pattern; /* {name} stands for one segment, of at least one character */
    void (*handle)(struct exchange *x);
    const char *sql;     /* what the handler asks the database; NULL: nothing. $1, $2 … are the
                          * parameters in their order, as text; null when there is no value */
    const char *summary; /* for people: one line */
    /* Those of the pattern first, in its order; ended by PARAMETER_NONE. */
    enum parameter_id parameters[ROUTE_PARAMETERS + 1];
};

extern const struct route route_table[];
extern const size_t route_count;

#endif
