/*
 * One HTTP request, however it came: over FastCGI, or as plain CGI on standard input and in the
 * environment (libfcgi's FCGX has no CGI mode).
 */
#ifndef PGCOCO_HTTP_REQUEST_H
#define PGCOCO_HTTP_REQUEST_H

#include <fcgiapp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request {
    FCGX_Request *fcgx; /* NULL: plain CGI */
    char **envp;
    const char *method;
    const char *path;  /* decoded by the server, begins with / */
    const char *query; /* not decoded (http/query); may be "" */
};

void request_from_fcgi(struct request *request, FCGX_Request *fcgx);
void request_from_cgi(struct request *request, char **environment);

/* A CGI variable (HTTP_ACCEPT, CONTENT_TYPE …); "" when it is not there. */
const char *request_variable(const struct request *request, const char *name);

/* Whether the client would rather have a page than JSON: its Accept header names text/html, and
 * does not name JSON before it. */
bool request_wants_html(const struct request *request);

/* Whether a browser sends this for the page of another site: Fetch Metadata where the browser says
 * it, else Origin against Host (RFC 6454 section 7). */
bool request_is_from_elsewhere(const struct request *request);

#endif
