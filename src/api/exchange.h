/* One request and its answer: what handlers work with. */
#ifndef PGCOCO_API_EXCHANGE_H
#define PGCOCO_API_EXCHANGE_H

#include <stdbool.h>

#include "api/parameters.h"
#include "api/service.h"
#include "base/buf.h"
#include "base/err.h"
#include "http/request.h"

struct route;

enum {
    VERSION_ROOM = 64 /* bytes */
};

struct exchange {
    struct service *service;
    struct request *request;
    const struct route *route; /* NULL if no route matches */
    struct parameters parameters;
    char version[VERSION_ROOM]; /* of what the route answers (api/version); "" if it has none */
};

static inline const struct parameter_value *exchange_value(const struct exchange *x,
                                                           enum parameter_id id) {
    return &x->parameters.values[id];
}

/* Returns the text of a parameter; "" if it is not given. */
static inline const char *exchange_text(const struct exchange *x, enum parameter_id id) {
    const char *text = exchange_value(x, id)->text;
    return text ? text : "";
}

enum {
    ANSWER_MAX = 64 * 1024 * 1024 /* bytes */
};

/* How long a request waits for a database connection before it answers 503. */
enum {
    SHORT_WAIT_MS = 5000,
    LONG_WAIT_MS = 10000,
    AFTER_IMPORT_WAIT_MS = 1000 /* an evaluation in a thread for uploads: they are in its way */
};

/* Takes a connection for an import or an export; NULL with *err filled. Waits LONG_WAIT_MS, or
 * until the client is gone. While the exchange has it, a slow client must go when others wait. */
struct db *exchange_take_long(struct exchange *x, struct err *err);
void exchange_give_long(struct exchange *x, struct db *db);

/* Takes a connection for an evaluation; waits as long as *patience says. For threads that may
 * compute: see exchange_defer. */
struct db *exchange_take_evaluation(struct exchange *x, const struct pool_patience *patience,
                                    struct err *err);
void exchange_give_evaluation(struct exchange *x, struct db *db);

/* Puts the request off until a thread for evaluations takes it, because it must compute. False if
 * this thread may compute. True: the handler must return without an answer, and is called again. */
bool exchange_defer(struct exchange *x);

/* Answers with a JSON document, or with a page that shows it if the client prefers HTML; the
 * document is then freed before it is sent. title: of the page. location: the Location header, or
 * NULL. */
void answer_document(struct exchange *x, unsigned status, const char *title, struct buf *document,
                     const char *location);

/* Answers with a problem document, or with a page that shows it. Logs the error if the service or
 * the database is at fault. skips: see problem_write. */
void answer_error(struct exchange *x, const struct err *err, const char *skips);

/* Like answer_error, with further members. more: see problem_write. */
void answer_error_with(struct exchange *x, const struct err *err, const char *skips,
                       const char *more);

/* Answer 405, and OPTIONS. allow: the methods of this address. */
void answer_method_not_allowed(struct exchange *x, const char *allow);
void answer_options(struct exchange *x, const char *allow);

/* Answers 304: the client has what it asks for. */
void answer_not_modified(struct exchange *x);

/* Answers 200 with a page; runs_scripts as in http/response.h. */
void answer_html(struct exchange *x, struct buf *page, bool runs_scripts);
void answer_see_other(struct exchange *x, const char *location);

/* Has the web server send the file that it finds for `path`, a percent-encoded address of its
 * internal locations. cache: how long clients may keep it (Cache-Control). */
void answer_file(struct exchange *x, const char *path, const char *cache);

/* Answers 302: what is asked for is elsewhere. */
void answer_found(struct exchange *x, const char *location, const char *cache);

void answer_no_content(struct exchange *x);

/* Logs an error that administrators should know about. */
void log_failure(const struct exchange *x, const struct err *err);

#endif
