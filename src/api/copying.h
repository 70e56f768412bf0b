/* Requests whose rows the server copies: from the token to the answer. */
#ifndef PGCOCO_API_COPYING_H
#define PGCOCO_API_COPYING_H

#include "api/exchange.h"
#include "import/copies.h"

struct copying {
    struct exchange *x;
    unsigned status;      /* of an answer that is no error */
    const char *location; /* its Location header; NULL: none */
    struct copies copies; /* the last parameter of `begin`, the token, is filled in */
};

/* Makes the copies and answers. A client that hangs up, and --max-duration, end them. */
void copying_answer(struct copying *copying);

#endif
