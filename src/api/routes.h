/*
 * The table of all routes: addresses, handlers, parameters, and what clients are told about them.
 * The description for programs (api/openapi), the one for people (api/reference) and the tables of
 * doc/api.md are made of it. What else a route may answer follows from these: see api/operation.h.
 */
#ifndef PGCOCO_API_ROUTES_H
#define PGCOCO_API_ROUTES_H

#include <stddef.h>

#include "api/bodies.h"
#include "api/exchange.h"
#include "api/parameters.h"

enum {
    ROUTE_PARAMETERS = 19, /* at most */
    ROUTE_REQUIRED = 2,
    ROUTE_ANSWERS = 6,
    ROUTE_ERRORS = 6
};

/* An answer of a route that went well. Those of the same status stand side by side. */
struct answer {
    unsigned status;
    const char *schema; /* a name in the files of schemas/; NULL: the body has no schema */
    const char *type; /* NULL: JSON, or a page for browsers; no body if there is no schema either */
};

/* What clients are told about a route. */
struct operation {
    const char *id;  /* the name of its function in generated clients: it never changes */
    const char *tag; /* a name in operation_tags */
    const struct request_body *body;                /* NULL: none */
    struct answer answers[ROUTE_ANSWERS + 1];       /* ends with the status 0 */
    enum parameter_id requires[ROUTE_REQUIRED + 1]; /* of the query string */
    enum err_code errors[ROUTE_ERRORS + 1];         /* besides those of operation_may_fail */
    bool is_apart;                                  /* asks no database */
};

struct route {
    const char *method;
    const char *pattern; /* {name} matches one segment, which must not be empty */
    struct operation about;
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
