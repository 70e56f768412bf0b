/* One HTTP request, over FastCGI or as plain CGI: standard input and environment. */
#ifndef PGCOCO_HTTP_REQUEST_H
#define PGCOCO_HTTP_REQUEST_H

#include <stdbool.h>

#include "http/channel.h"

struct request {
    struct channel *channel; /* NULL for plain CGI */
    char **environment;      /* of plain CGI */
    const char *method;
    const char *path;  /* decoded by the web server; begins with / */
    const char *query; /* not decoded (http/query); may be "" */
    bool may_defer;    /* this thread is for short answers; another one may give a longer one */
    bool is_deferred;  /* it was not answered: another thread shall do that */
    bool was_deferred; /* it was before. This is the other thread; or, if it may be deferred again,
                          one that looks whether it must end before its turn */
    bool has_no_room;  /* it cannot be deferred, because too many are */
};

/* The parameters must have come; the channel must outlive the request. */
void request_from_channel(struct request *request, struct channel *channel);
void request_from_cgi(struct request *request, char **environment);

/* Returns a CGI variable (HTTP_ACCEPT, CONTENT_TYPE …); "" if it is not set. */
const char *request_variable(const struct request *request, const char *name);

/* True if the client has hung up, as far as the web server says so; false if it has only ended what
 * it sends. Does not wait. Always false for plain CGI. Takes a struct request. */
bool request_client_is_gone(void *request);

/* True if the request was given up before a thread took it: its client was too slow, or others
 * needed the room. Its body must not be read. *err says why. */
bool request_is_refused(const struct request *request, struct err *err);

/* From now on the request holds something that others may wait for: a slow client (http/rate) must
 * go when must_hurry(self) is true. NULL: it holds nothing any more. */
void request_set_hurry(struct request *request, bool (*must_hurry)(void *self), void *self);

/* True if the client prefers a page to JSON: its Accept header names text/html, and does not name
 * JSON before it. */
bool request_wants_html(const struct request *request);

/* True if a browser sent the request for a page of another site: by Fetch Metadata if the browser
 * sends it, else by comparing Origin with Host (RFC 6454 section 7). */
bool request_is_from_elsewhere(const struct request *request);

#endif
