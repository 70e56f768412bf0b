/*
 * The answer: a status, a few headers and a body. Once a byte of it has been sent, the body of the
 * request must not be read any more, because nginx stops forwarding it when it gets a header.
 */
#ifndef PGCOCO_HTTP_RESPONSE_H
#define PGCOCO_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "http/request.h"

struct response {
    unsigned status;
    const char *type;       /* Content-Type; NULL: no body */
    const char *location;   /* NULL: none; must be safe in a header */
    const char *file;       /* what the web server sends (X-Accel-Redirect); NULL: body */
    const char *cache;      /* Cache-Control; NULL: no-store */
    const char *allow;      /* NULL: none */
    unsigned retry_after;   /* seconds; 0: none */
    const char *attachment; /* file name to save as; NULL: none; must be safe in a header */
    bool may_be_kept;       /* by caches, which must ask before they use it; otherwise no-store */
    const char *etag;       /* what they ask with: letters, digits, dashes; NULL: none */
    bool runs_scripts;      /* a page that runs scripts of this site */
    bool streamed;          /* length unknown; body and len are not used */
    const char *body;
    size_t len;
};

extern const char response_json[];
extern const char response_problem[];
extern const char response_html[];

/* Returns the phrase of a status, such as "Not Found" for 404; constant. */
const char *response_phrase(unsigned status);

/* Sends the answer. False if the client cannot be reached. */
bool response_send(struct request *request, const struct response *response);

/* Sends more of a streamed answer. False if the client cannot be reached. */
bool response_put(struct request *request, const char *bytes, size_t len);

/* Breaks off a streamed answer in a way that the client notices. */
void response_abort(struct request *request);

#endif
