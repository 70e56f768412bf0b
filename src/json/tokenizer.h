/*
 * jsmn over text of which more may come. The only room that calls jsmn; the grammar (grammar.h)
 * and the slices (tokens.h) read its tokens.
 */
#ifndef PGCOCO_JSON_TOKENIZER_H
#define PGCOCO_JSON_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Without JSMN_STRICT a number cut by the end of the text counts as complete. Without parent links
 * each closing bracket searches backwards, and a window takes quadratic time. tokenizer.c compiles
 * the functions; the others take the types. */
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#ifdef PGCOCO_JSON_TOKENIZER_C
#define JSMN_STATIC
#else
#define JSMN_HEADER
#endif
#include <jsmn.h>

struct tokenizer {
    jsmn_parser parser; /* its pos, toknext and toksuper may be read */
    jsmntok_t *toks;    /* positions count from the start of the text */
    uint32_t cap;
    uint32_t max; /* tokens at most */
};

/* Owns no memory yet. max > 0. */
void tokenizer_init(struct tokenizer *tokenizer, uint32_t max);

/* Releases the tokens; the next text starts from nothing. */
void tokenizer_free(struct tokenizer *tokenizer);

/* Starts a new text, with no tokens and little memory. ERR_BUSY when there is none. */
bool tokenizer_start(struct tokenizer *tokenizer, struct err *err);

/* Doubles the room for tokens. ERR_ELEMENT_TOO_LARGE, without an offset, at the maximum. */
bool tokenizer_grow(struct tokenizer *tokenizer, struct err *err);

/* Continues to len bytes of the same text. Returns what jsmn_parse does: JSMN_ERROR_NOMEM asks for
 * tokenizer_grow, JSMN_ERROR_PART for more text, JSMN_ERROR_INVAL is final. NaN and Infinity, which
 * Python writes and strict jsmn refuses, become primitives. */
int tokenizer_continue(struct tokenizer *tokenizer, const char *text, size_t len);

/* Whether more than max_depth brackets are open at the end of the text. */
bool tokenizer_is_deeper(const struct tokenizer *tokenizer, unsigned max_depth);

#endif
