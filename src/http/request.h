/*
 * One HTTP request, over FastCGI or as plain CGI: standard input and environment (libfcgi's FCGX
 * API has no CGI mode).
 */
#ifndef PGCOCO_HTTP_REQUEST_H
#define PGCOCO_HTTP_REQUEST_H

#include <fcgiapp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request {
    FCGX_Request *fcgx; /* NULL for plain CGI */
    char **envp;
    const char *method;
    const char *path;  /* decoded by the web server; begins with / */
    const char *query; /* not decoded (http/query); may be "" */
};

void request_from_fcgi(struct request *request, FCGX_Request *fcgx);
void request_from_cgi(struct request *request, char **environment);

/* Returns a CGI variable (HTTP_ACCEPT, CONTENT_TYPE …); "" if it is not set. */
const char *request_variable(const struct request *request, const char *name);

/* True if the web server has closed the connection, as nginx does when its client hangs up; false
 * if it has only ended what it sends. Always false for plain CGI. Takes a struct request. */
bool request_client_is_gone(void *request);

/* True if the client prefers a page to JSON: its Accept header names text/html, and does not name
 * JSON before it. */
bool request_wants_html(const struct request *request);

/* True if a browser sent the request for a page of another site: by Fetch Metadata if the browser
 * sends it, else by comparing Origin with Host (RFC 6454 section 7). */
bool request_is_from_elsewhere(const struct request *request);

#endif
