/*
 * Reads the records of a FastCGI connection (specification 1.0, role responder), one request at a
 * time, and writes those of an answer. Calls no system function: bytes come from the caller, in any
 * pieces, and every size in them is checked against what is there.
 *
 *     web server:  BEGIN_REQUEST  PARAMS ... PARAMS ""  STDIN ... STDIN ""
 *     answer:      STDOUT ...  STDOUT ""  END_REQUEST
 */
#ifndef PGCOCO_HTTP_FASTCGI_H
#define PGCOCO_HTTP_FASTCGI_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum {
    FASTCGI_HEAD = 8,               /* bytes before the content of a record */
    FASTCGI_END = 3 * FASTCGI_HEAD, /* bytes of fastcgi_write_end */
    FASTCGI_CONTENT_MAX = 65528,    /* of a record that is written; needs no padding */
    FASTCGI_PARAMS_MAX = 64 * 1024, /* bytes of all parameters; nginx sends at most 40 KiB */
    FASTCGI_REPLIES_MAX = 1024      /* bytes of replies that the web server has not read */
};

enum fastcgi_event {
    FASTCGI_WAIT,     /* all bytes are used up, and more must come */
    FASTCGI_PARAMS,   /* all parameters are there: fastcgi_variable finds them */
    FASTCGI_BODY,     /* the next bytes of the body */
    FASTCGI_BODY_END, /* the body is complete */
    FASTCGI_ABORTED,  /* the web server does not want an answer any more */
    FASTCGI_BROKEN    /* not FastCGI, or too much of it: close the connection */
};

struct fastcgi {
    enum {
        FASTCGI_BEFORE,    /* no request has begun */
        FASTCGI_IN_PARAMS, /* ... its parameters come */
        FASTCGI_IN_BODY,   /* ... its body comes */
        FASTCGI_AFTER      /* the request is complete */
    } stage;
    uint16_t id; /* of the request */
    unsigned char head[FASTCGI_HEAD];
    size_t head_len;
    size_t content_len; /* of the current record */
    size_t content_left;
    size_t padding_left;
    unsigned char begin[8]; /* content of a BEGIN_REQUEST */
    struct buf params;      /* as they come; then NAME NUL value NUL ... */
    struct buf replies;     /* to be sent to the web server; the caller resets it */
};

void fastcgi_init(struct fastcgi *fastcgi);
void fastcgi_free(struct fastcgi *fastcgi);

/* Reads from *input up to the next event, and moves its start past what was read. Bytes of the body
 * become *piece, which lies in the input. After FASTCGI_BROKEN it must not be called again. */
enum fastcgi_event fastcgi_next(struct fastcgi *fastcgi, struct slice *input, struct slice *piece);

/* Returns a parameter; the first of several with this name; NULL if there is none. Valid as long as
 * *fastcgi, after FASTCGI_PARAMS. */
const char *fastcgi_variable(const struct fastcgi *fastcgi, const char *name);

/* Writes the head of a record with `len` bytes of the answer, at most FASTCGI_CONTENT_MAX. */
void fastcgi_write_head(const struct fastcgi *fastcgi, size_t len,
                        unsigned char into[FASTCGI_HEAD]);

/* Writes the end of the answer. */
void fastcgi_write_end(const struct fastcgi *fastcgi, unsigned char into[FASTCGI_END]);

#endif
