/* One request and its answer: what handlers work with, and the ways they answer. */
#ifndef PGCOCO_API_EXCHANGE_H
#define PGCOCO_API_EXCHANGE_H

#include <stdbool.h>

#include "api/service.h"
#include "base/buf.h"
#include "base/err.h"
#include "http/request.h"

enum {
    EXCHANGE_PARAMETERS = 2,
    PARAMETER_MAX = 128
};

struct exchange {
    struct service *service;
    struct request *request;
    char parameters[EXCHANGE_PARAMETERS][PARAMETER_MAX]; /* the {} of the route, in order */
};

enum {
    ANSWER_MAX = 64 * 1024 * 1024
};

/* How long a request waits for a database connection before it answers 503. */
enum {
    SHORT_WAIT_MS = 5000,
    LONG_WAIT_MS = 10000
};

/* Answers with a JSON document, or with a page that shows it when the client would rather have one.
 * title: of the page. location: Location header, or NULL. */
void answer_document(struct exchange *x, unsigned status, const char *title, struct buf *document,
                     const char *location);

/* Answers with a problem document or a page that shows it; what is the service's or the database's
 * fault is logged. skips: as problem_write. */
void answer_error(struct exchange *x, const struct err *err, const char *skips);

/* The same with further members; more: as problem_write. */
void answer_error_with(struct exchange *x, const struct err *err, const char *skips,
                       const char *more);

/* 405, with the methods that there are. */
void answer_method_not_allowed(struct exchange *x, const char *allow);

void answer_html(struct exchange *x, unsigned status, struct buf *page);
void answer_see_other(struct exchange *x, const char *location);
void answer_no_content(struct exchange *x);

/* The log line of an error that whoever runs the service should know of; others are not logged. */
void log_failure(const struct exchange *x, const struct err *err);

#endif
