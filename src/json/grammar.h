/*
 * Checks the grammar of RFC 8259 over text that jsmn has tokenized. jsmn is a tokenizer, not a
 * validator: it accepts missing colons and commas, `tru`, 01 and control characters. The grammar
 * walks text and tokens side by side, checks every byte of the value, and writes the nodes.
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
    const char *body_end; /* end of the whole body; NULL if not reached yet */
    const char *p;        /* start of the value; moves to its end, or to the error */
    const jsmntok_t *toks;
    uint32_t tok; /* first token of the value; moves past its last */
    uint32_t tok_count;
    uint32_t origin; /* position of the value in text; node positions count from here */
    unsigned max_depth;
    struct json_node *nodes; /* room for tok_count - tok nodes, at least one */
    /* Zero at the start. */
    uint32_t node_count;
    unsigned depth;
    unsigned last_depth; /* of the last node */
    uint64_t climbs;    /* levels that jsmn went up for closing brackets; each takes it some 5 ns */
    bool non_finite;    /* the value holds NaN or Infinity */
    bool ran_out;       /* the tokens end inside of the value */
    enum err_code code; /* the error at p: ERR_NOT_JSON, ERR_TRUNCATED or ERR_TOO_DEEP */
    const char *problem; /* the error in words; constant */
};

/* Checks the value at p. False if it is invalid or incomplete; p, code and problem then describe
 * the error. */
bool grammar_check(struct grammar *g);

#endif
