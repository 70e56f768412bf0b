/*
 * What a request may ask for beside its route: the variable parts of its path, and the parameters
 * of its query string. Each is described once, in the table of parameters.c; a route lists those
 * that it takes. They are read and checked before a handler is called, which finds typed values.
 */
#ifndef PGCOCO_API_PARAMETERS_H
#define PGCOCO_API_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "import/skips.h"

enum parameter_id {
    PARAMETER_NONE, /* ends the list of a route */

    PATH_DATASET,
    PATH_RUN,
    PATH_IMPORT,

    QUERY_IMPORT,
    QUERY_DRY_RUN,
    QUERY_MAX_SKIPPED,
    QUERY_CATEGORY_OFFSET,
    QUERY_MATCH,
    QUERY_RUN_NAME,
    QUERY_NAME,
    QUERY_SPLIT,

    PARAMETERS /* how many there are */
};

/* The choices of QUERY_MATCH, by their positions. */
enum {
    MATCH_ID,
    MATCH_NAME
};

enum parameter_type {
    PARAMETER_NAME,       /* of a dataset, a run or a split: import/run_name. Empty: not given */
    PARAMETER_TOKEN,      /* 1 to TOKEN_MAX letters, digits, dashes and underscores */
    PARAMETER_INTEGER,    /* from min to max */
    PARAMETER_BOOLEAN,    /* 0 or 1 */
    PARAMETER_SKIP_LIMIT, /* a number of rows, or a percentage of them: skip_limit_parse */
    PARAMETER_CHOICE,     /* one of choices */
    PARAMETER_TEXT        /* UTF-8, at most max bytes */
};

enum {
    PARAMETERS_TEXT = 4096 /* bytes of all values of a request */
};

struct parameter {
    const char *name;
    const char *description; /* for people: one sentence */
    enum parameter_type type;
    bool in_path; /* else in the query string, where none is required */
    const char
        *fallback; /* the value when it is not given, as a client would write it; NULL: none */
    int64_t min;
    int64_t max;
    const char *const *choices; /* ended by NULL */
};

/* By enum parameter_id; the first one is not used. */
extern const struct parameter parameter_table[PARAMETERS];

struct parameter_value {
    bool is_given;    /* by the request */
    const char *text; /* as given, or the fallback; NULL: neither */
    union {           /* all zero when text is NULL */
        int64_t integer;
        bool flag;
        int choice; /* its position */
        struct skip_limit skip_limit;
    };
};

/* The values of a request. Their texts lie in it: it cannot be copied. */
struct parameters {
    struct parameter_value values[PARAMETERS];
    char text[PARAMETERS_TEXT];
    size_t used; /* bytes of text */
};

/* Reads one value. ERR_BAD_REQUEST says what is allowed. text must outlive *value. */
bool parameter_parse(const struct parameter *parameter, const char *text,
                     struct parameter_value *value, struct err *err);

/* Reads a value out of the path, which the web server has decoded. *parameters is all zero before
 * the first one. */
bool parameters_read_path(struct parameters *parameters, enum parameter_id id, struct slice text,
                          struct err *err);

/* Reads a query string. takes: the parameters of the route, ended by PARAMETER_NONE. Those that are
 * not given get their fallbacks. ERR_BAD_REQUEST for one that is not among them, is given twice, is
 * badly encoded, or has another value than its type allows. */
bool parameters_read_query(struct parameters *parameters, const enum parameter_id *takes,
                           const char *query, struct err *err);

#endif
