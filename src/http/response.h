/*
 * The answer: a status, a few headers, a body that is there as a whole. Writing it ends the
 * request: once a byte of it is out, the body of the request must not be read any more (nginx stops
 * forwarding it as soon as it has a header).
 */
#ifndef PGCOCO_HTTP_RESPONSE_H
#define PGCOCO_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "http/request.h"

struct response {
    unsigned status;
    const char *type;     /* Content-Type; NULL: no body */
    const char *location; /* NULL: none; made of safe characters only */
    const char *allow;    /* NULL: none */
    unsigned retry_after; /* seconds; 0: none */
    const char
        *attachment; /* the name to save it under; NULL: none; made of safe characters only */
    bool streamed;   /* the length is not known: body is not looked at */
    const char *body;
    size_t len;
};

extern const char response_json[];
extern const char response_problem[];
extern const char response_html[];

/* "Not Found" for 404 …: constant. */
const char *response_phrase(unsigned status);

/* Writes it. False when the client could not be reached. */
bool response_send(struct request *request, const struct response *response);

/* More of a streamed answer. False when the client cannot be reached. */
bool response_put(struct request *request, const char *bytes, size_t len);

/* Ends a streamed answer that cannot be completed in a way that the client notices. */
void response_abort(struct request *request);

#endif
