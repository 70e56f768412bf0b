/* Runs jsmn over text that is still arriving: see tokenizer.h. */
#define PGCOCO_JSON_TOKENIZER_C
#include "json/tokenizer.h"

#include <stdlib.h>

#include "json/lexical.h"

enum {
    FEW_TOKENS = 8 * 1024 /* enough for a slice; a large value may need more */
};

void tokenizer_init(struct tokenizer *tokenizer, uint32_t max) {
    *tokenizer = (struct tokenizer){.max = max};
    jsmn_init(&tokenizer->parser);
}

void tokenizer_free(struct tokenizer *tokenizer) {
    free(tokenizer->toks);
    tokenizer->toks = NULL;
    tokenizer->cap = 0;
    jsmn_init(&tokenizer->parser);
}

bool tokenizer_start(struct tokenizer *tokenizer, struct err *err) {
    if (tokenizer->cap > FEW_TOKENS) tokenizer_free(tokenizer);
    jsmn_init(&tokenizer->parser);
    return tokenizer->cap > 0 || tokenizer_grow(tokenizer, err);
}

bool tokenizer_grow(struct tokenizer *tokenizer, struct err *err) {
    uint32_t max = tokenizer->max;
    if (tokenizer->cap >= max) {
        return err_set(err, ERR_ELEMENT_TOO_LARGE,
                       "a value has more than %u tokens, the limit of this server", max);
    }
    uint32_t cap = tokenizer->cap ? tokenizer->cap * 2 : FEW_TOKENS;
    if (cap > max) cap = max;
    jsmntok_t *toks = realloc(tokenizer->toks, cap * sizeof *toks);
    if (!toks) return err_set(err, ERR_BUSY, "out of memory for %u tokens", cap);
    tokenizer->toks = toks;
    tokenizer->cap = cap;
    return true;
}

/* Adds a token for NaN or Infinity, which jsmn refuses. Returns what lexical_non_finite returns. */
static int take_non_finite(struct tokenizer *tokenizer, const char *text, size_t len) {
    jsmn_parser *parser = &tokenizer->parser;
    int literal = lexical_non_finite(text + parser->pos, len - parser->pos);
    if (literal <= 0) return literal;
    jsmntok_t *tok = jsmn_alloc_token(parser, tokenizer->toks, tokenizer->cap);
    jsmn_fill_token(tok, JSMN_PRIMITIVE, (int)parser->pos, (int)parser->pos + literal);
    tok->parent = parser->toksuper;
    if (parser->toksuper != -1) tokenizer->toks[parser->toksuper].size++;
    parser->pos += (unsigned)literal;
    return literal;
}

int tokenizer_continue(struct tokenizer *tokenizer, const char *text, size_t len) {
    for (;;) {
        jsmn_parser parser = tokenizer->parser; /* a local copy stays in registers */
        int rc = jsmn_parse(&parser, text, len, tokenizer->toks, tokenizer->cap);
        tokenizer->parser = parser;
        if (rc != JSMN_ERROR_INVAL) return rc;
        char c = text[tokenizer->parser.pos];
        if (c != 'N' && c != 'I') return rc;
        if (tokenizer->parser.toknext == tokenizer->cap) return JSMN_ERROR_NOMEM;
        int literal = take_non_finite(tokenizer, text, len);
        if (literal < 0) return JSMN_ERROR_PART;
        if (literal == 0) return rc;
    }
}

bool tokenizer_is_deeper(const struct tokenizer *tokenizer, unsigned max_depth) {
    unsigned depth = 0;
    for (int i = tokenizer->parser.toksuper; i != -1; i = tokenizer->toks[i].parent) {
        if (tokenizer->toks[i].type == JSMN_STRING) continue; /* a key waiting for its value */
        if (++depth > max_depth) return true;
    }
    return false;
}
