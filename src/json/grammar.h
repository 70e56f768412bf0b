/*
 * The grammar of RFC 8259 over text that jsmn has cut into tokens. jsmn is a tokenizer, not a
 * validator: it takes missing colons and commas, `tru`, 01 and control characters. The grammar
 * walks text and tokens side by side and writes the nodes. It looks at every byte of the value that
 * is not inside a string or a primitive that jsmn delimited, and then at the inside, too.
 */
#ifndef PGCOCO_JSON_GRAMMAR_H
#define PGCOCO_JSON_GRAMMAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "json/tokenizer.h"
#include "json/value.h"

struct grammar {
    /* Set by the caller. */
    const char *text; /* token positions count from here */
    const char *end;
    const char *body_end; /* of the whole body, NULL while that is not known */
    const char *p;        /* the first byte of the value; moves behind it, or to what is wrong */
    const jsmntok_t *toks;
    uint32_t tok; /* the value's first token; moves behind its last */
    uint32_t tok_count;
    uint32_t origin; /* position of the value in text: nodes count from it */
    unsigned max_depth;
    struct json_node *nodes; /* room for tok_count - tok, and for one if there are none */
    /* All zero at first. */
    uint32_t node_count;
    unsigned depth;
    bool non_finite;     /* NaN or Infinity is in it */
    bool ran_out;        /* the tokens end inside the value */
    enum err_code code;  /* what is wrong at p: ERR_NOT_JSON, ERR_TRUNCATED or ERR_TOO_DEEP */
    const char *problem; /* the same in words: constant */
};

/* Checks the value at p. False when something in it is wrong, or missing: code and problem say
 * what, p says where. */
bool grammar_check(struct grammar *g);

#endif
