/*
 * Runs jsmn over text that is still arriving. This is the only module that calls jsmn; the grammar
 * (grammar.h) and the slices (tokens.h) read its tokens.
 */
#ifndef PGCOCO_JSON_TOKENIZER_H
#define PGCOCO_JSON_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Without JSMN_STRICT, a number cut by the end of the text counts as complete. Without
 * JSMN_PARENT_LINKS, each closing bracket searches backwards, which takes quadratic time in a
 * window. tokenizer.c compiles jsmn's functions; other files take its types only. */
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#ifdef PGCOCO_JSON_TOKENIZER_C
#define JSMN_STATIC
#else
#define JSMN_HEADER
#endif
#include <jsmn.h>

struct tokenizer {
    jsmn_parser parser; /* callers may read pos, toknext and toksuper */
    jsmntok_t *toks;    /* positions are relative to the start of the text */
    uint32_t cap;
    uint32_t max; /* largest number of tokens */
};

/* Allocates nothing yet. max > 0. Call tokenizer_free at the end. */
void tokenizer_init(struct tokenizer *tokenizer, uint32_t max);

/* Frees the tokens. The tokenizer can then be started again. */
void tokenizer_free(struct tokenizer *tokenizer);

/* Starts a new text, with no tokens and little memory. ERR_BUSY if there is none. */
bool tokenizer_start(struct tokenizer *tokenizer, struct err *err);

/* Doubles the room for tokens. ERR_ELEMENT_TOO_LARGE, without an offset, if it is at the
 * maximum. */
bool tokenizer_grow(struct tokenizer *tokenizer, struct err *err);

/* Tokenizes up to `len` bytes of the same text. Returns what jsmn_parse returns: after
 * JSMN_ERROR_NOMEM call tokenizer_grow, after JSMN_ERROR_PART continue with more text;
 * JSMN_ERROR_INVAL is final. NaN and Infinity, which Python writes and strict jsmn refuses, become
 * primitives. */
int tokenizer_continue(struct tokenizer *tokenizer, const char *text, size_t len);

/* True if more than max_depth brackets are open at the end of the text. */
bool tokenizer_is_deeper(const struct tokenizer *tokenizer, unsigned max_depth);

#endif
