/*
 * The parameters of requests: variable parts of the path, and parameters of the query string. Each
 * is described once, in parameter_table.c; a route lists those that it takes. They are read
 * and checked before a handler is called, so that handlers find typed values.
 */
#ifndef PGCOCO_API_PARAMETERS_H
#define PGCOCO_API_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "import/skips.h"

enum parameter_id {
    PARAMETER_NONE, /* ends the list of a route */

    PATH_DATASET,
    PATH_RUN,
    PATH_IMPORT,
    PATH_EVALUATION,
    PATH_SLICE,
    PATH_IMAGE,

    QUERY_IMPORT,
    QUERY_DRY_RUN,
    QUERY_MAX_SKIPPED,
    QUERY_CATEGORY_OFFSET,
    QUERY_MATCH,
    QUERY_RUN_NAME,
    QUERY_NAME,
    QUERY_SPLIT,
    QUERY_RENUMBER,
    QUERY_FORCE,
    QUERY_SHIFT,
    QUERY_COPY,
    QUERY_RUNS,
    QUERY_AFTER,
    QUERY_EVALUATE,

    QUERY_EVALUATION,
    QUERY_IOU_TYPE,
    QUERY_ONLY_SPLIT,
    QUERY_SLICE,
    QUERY_IOU_THRESHOLDS,
    QUERY_MAX_DETS,
    QUERY_AREAS,
    QUERY_CATEGORIES,
    QUERY_EXACT,
    QUERY_SIGMAS,
    QUERY_IOU,
    QUERY_CONFIDENCE,
    QUERY_INCLUDE,

    QUERY_RUN,
    QUERY_WITH,
    QUERY_RESAMPLES,
    QUERY_SEED,
    QUERY_METRIC,

    QUERY_TYPE,
    QUERY_CATEGORY,
    QUERY_TRUTH,
    QUERY_PREDICTED,
    QUERY_IMAGE_ID,
    QUERY_MIN_CONFIDENCE,
    QUERY_MIN_IOU,
    QUERY_LIMIT,

    QUERY_IMAGES,
    QUERY_SORT,
    QUERY_SOURCE,
    QUERY_OUTCOME,
    QUERY_MIN_AREA,
    QUERY_BELOW_AREA,
    QUERY_MIN_COUNT,
    QUERY_MAX_COUNT,
    QUERY_SEARCH,
    QUERY_FILE_NAME,
    QUERY_AT,
    QUERY_ERRORS_OF,
    QUERY_IMAGE_IDS,
    QUERY_SIZE,
    QUERY_VERSION,

    QUERY_EXPORT_FORMAT,
    QUERY_GZIP,

    PARAMETERS /* the number of ids */
};

/* Indexes of the choices of QUERY_MATCH. */
enum {
    MATCH_ID,
    MATCH_NAME
};

enum parameter_type {
    PARAMETER_NAME,       /* of a dataset, run or split (import/run_name); empty: not given */
    PARAMETER_TOKEN,      /* 1 to TOKEN_MAX letters, digits, dashes and underscores */
    PARAMETER_INTEGER,    /* from min to max */
    PARAMETER_BOOLEAN,    /* 0 or 1 */
    PARAMETER_SKIP_LIMIT, /* a number or percentage of rows (skip_limit_parse) */
    PARAMETER_CHOICE,     /* one of choices */
    PARAMETER_CHOICES,    /* some of choices, with commas between them; empty: not given */
    PARAMETER_NUMBER,     /* from least to most (base/plain_number) */
    PARAMETER_IDS,        /* whole numbers with commas between them; empty: not given */
    PARAMETER_LIST        /* read by the handler (evaluation/settings); empty: not given */
};

enum {
    PARAMETERS_TEXT = 8192 /* bytes of all values of a request */
};

struct parameter {
    const char *name;
    const char *description; /* for users; in Markdown, without anything but backquotes */
    enum parameter_type type;
    bool in_path;         /* otherwise in the query string, and optional */
    const char *fallback; /* default value, in the notation of a request; NULL: none */
    int64_t min;
    int64_t max;
    double least;
    double most;
    const char *const *choices; /* ends with NULL */
    /* What clients are told besides, where the type does not say it. */
    const char *pattern;   /* of PARAMETER_LIST: a regular expression */
    size_t most_items;     /* of PARAMETER_LIST: texts with commas between them, so many at most */
    enum err_code unknown; /* what the value names may not exist; ERR_NONE: it names nothing */
    const char *example;   /* NULL if it is neither in the path nor required */
};

/* Indexed by enum parameter_id; PARAMETER_NONE is not used. */
extern const struct parameter parameter_table[PARAMETERS];

struct parameter_value {
    bool is_given;    /* by the request */
    const char *text; /* as given, or the default; NULL: neither */
    union {           /* all zero if text is NULL */
        int64_t integer;
        bool flag;
        double number;
        int choice; /* index in choices */
        struct skip_limit skip_limit;
    };
};

/* The values of one request. The values point into `text`, so the struct must not be copied. */
struct parameters {
    struct parameter_value values[PARAMETERS];
    char text[PARAMETERS_TEXT];
    size_t used; /* bytes of text */
};

/* Writes in words what values a parameter may have. */
void parameter_write_allowed(const struct parameter *parameter, struct buf *into);

/* Reads one value. If it is not allowed, ERR_BAD_REQUEST with what is. text must outlive *value. */
bool parameter_parse(const struct parameter *parameter, const char *text,
                     struct parameter_value *value, struct err *err);

/* Reads a value from the path, which the web server has decoded. *parameters must be all zero
 * before the first call. */
bool parameters_read_path(struct parameters *parameters, enum parameter_id id, struct slice text,
                          struct err *err);

/* Reads a query string. takes: the parameters of the route; ends with PARAMETER_NONE. Parameters
 * that are not given get their defaults. ERR_BAD_REQUEST for a parameter that the route does not
 * take, that is given twice or badly encoded, or whose value its type does not allow. */
bool parameters_read_query(struct parameters *parameters, const enum parameter_id *takes,
                           const char *query, struct err *err);

#endif
