/* Takes values out of a window, with jsmn: see tokens.h. */
#include "json/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "json/grammar.h"
#include "json/lexical.h"
#include "json/tokenizer.h"

enum {
    SLICE = 64 * 1024,      /* bytes tokenized at once; their tokens fit the cache */
    FIRST_SLICE = 4096,     /* the same, while shapes take most values */
    FEW_NODES = 8 * 1024,   /* enough for most values */
    MANY_TOKENS = 64 * 1024 /* above this, tokenizing a slice again costs little */
};

const struct json_limits json_default_limits = {
    .window = (size_t)256 * 1024,
    .max_element = (size_t)16 * 1024 * 1024,
    .max_tokens = 1000000,
    .max_depth = 64,
};

struct tokens {
    struct window *window;
    struct json_limits limits;
    struct tokenizer tokenizer;
    struct json_node *nodes;
    uint32_t node_cap;
    uint64_t base; /* offset of the tokenized text in the body */
    uint32_t root; /* the first token not taken; token_count() if there is none */
    size_t slice;  /* bytes to tokenize at once */
    uint64_t seen; /* end of the last slice in the body */
};

struct tokens *tokens_new(struct window *window, const struct json_limits *limits) {
    struct tokens *tokens = calloc(1, sizeof *tokens);
    if (!tokens) return NULL;
    tokens->window = window;
    tokens->limits = *limits;
    tokens->slice = FIRST_SLICE;
    tokenizer_init(&tokens->tokenizer, limits->max_tokens);
    return tokens;
}

void tokens_free(struct tokens *tokens) {
    if (!tokens) return;
    tokenizer_free(&tokens->tokenizer);
    free(tokens->nodes);
    free(tokens);
}

static uint32_t token_count(const struct tokens *tokens) {
    return tokens->tokenizer.parser.toknext;
}

/* ---- memory ------------------------------------------------------------------------------ */

static bool room_for_nodes(struct tokens *tokens, uint32_t count, struct err *err) {
    if (tokens->nodes && tokens->node_cap >= count) return true;
    uint32_t cap = count < FEW_NODES ? FEW_NODES : count;
    free(tokens->nodes); /* the old contents are not needed */
    tokens->nodes = malloc(cap * sizeof *tokens->nodes);
    tokens->node_cap = tokens->nodes ? cap : 0;
    if (!tokens->nodes) return err_set(err, ERR_BUSY, "out of memory for %u tokens", cap);
    return true;
}

/* Frees the nodes of a large value. */
static void shrink_nodes(struct tokens *tokens) {
    if (tokens->node_cap <= FEW_NODES) return;
    free(tokens->nodes);
    tokens->nodes = NULL;
    tokens->node_cap = 0;
}

static bool grow_tokens(struct tokens *tokens, struct err *err) {
    if (tokenizer_grow(&tokens->tokenizer, err)) return true;
    err->has_offset = err->code == ERR_ELEMENT_TOO_LARGE;
    err->offset = tokens->base;
    return false;
}

/* ---- the value at root ------------------------------------------------------------------- */

static bool root_is_complete(const struct tokens *tokens) {
    return tokens->root < token_count(tokens) && tokens->tokenizer.toks[tokens->root].end != -1;
}

/* True if the token at root starts at the cursor. Its value may be incomplete. */
static bool root_is_at_cursor(const struct tokens *tokens) {
    if (tokens->root >= token_count(tokens)) return false;
    const jsmntok_t *root = &tokens->tokenizer.toks[tokens->root];
    int quote = root->type == JSMN_STRING;
    return tokens->base + (uint64_t)(root->start - quote) == tokens->window->cursor;
}

static const char *body_end(const struct tokens *tokens) {
    return window_at(tokens->window, tokens->window->total);
}

static struct grammar grammar_at_root(const struct tokens *tokens, size_t len) {
    const char *text = window_at(tokens->window, tokens->base);
    uint32_t origin = (uint32_t)(tokens->window->cursor - tokens->base);
    return (struct grammar){
        .text = text,
        .end = text + len,
        .body_end = tokens->window->ended ? body_end(tokens) : NULL,
        .p = text + origin,
        .toks = tokens->tokenizer.toks,
        .tok = tokens->root,
        .tok_count = token_count(tokens),
        .nodes = tokens->nodes,
        .origin = origin,
        .max_depth = tokens->limits.max_depth,
    };
}

/* ---- what is wrong ----------------------------------------------------------------------- */

static bool too_deep(const struct tokens *tokens, uint64_t offset, struct err *err) {
    return err_set_at(err, ERR_TOO_DEEP, offset,
                      "a value is nested deeper than %u levels, the limit of this server",
                      tokens->limits.max_depth);
}

static bool truncated(const struct tokens *tokens, struct err *err) {
    return err_set_at(err, ERR_TRUNCATED, tokens->window->total,
                      "the JSON ends in the middle; upload the whole file");
}

static bool report(const struct tokens *tokens, const struct grammar *g, struct err *err) {
    uint64_t offset = tokens->base + (uint64_t)(g->p - g->text);
    if (g->code == ERR_TOO_DEEP) return too_deep(tokens, offset, err);
    if (g->code == ERR_TRUNCATED) return truncated(tokens, err);
    return err_set_at(err, g->code, offset, "not JSON: %s", g->problem);
}

/* At the end of the body jsmn meets the line feed that the window appends, and refuses a string or
 * a literal that is only cut off there. `stop` is where jsmn stopped. */
static bool stopped_at_cut(const struct tokens *tokens, const char *stop) {
    if (!tokens->window->ended || !memchr("\"NI", *stop, 3)) return false;
    return lexical_is_cut(stop, (size_t)(body_end(tokens) - stop));
}

/* Checks the grammar of the value at root within len bytes, which are tokenized. *found: there is
 * an error, not just too little text. */
static bool look_for_error(struct tokens *tokens, size_t len, struct grammar *g, bool *found,
                           struct err *err) {
    if (!room_for_nodes(tokens, token_count(tokens) - tokens->root + 1, err)) return false;
    *g = grammar_at_root(tokens, len);
    *found = !grammar_check(g) && !g->ran_out;
    return true;
}

/* Reports the first error in the value at root, within len bytes. `code` tells why tokenizing
 * stopped: end of the body (ERR_TRUNCATED), jsmn (ERR_NOT_JSON) or depth (ERR_TOO_DEEP). An error
 * that the grammar finds lies before that, so it is reported instead. */
static bool explain(struct tokens *tokens, size_t len, enum err_code code, struct err *err) {
    size_t end = code == ERR_NOT_JSON ? tokens->tokenizer.parser.pos : len;
    struct grammar g;
    bool found;
    if (!look_for_error(tokens, end, &g, &found, err)) return false;
    if (found && g.p < g.end) return report(tokens, &g, err);
    if (code == ERR_TOO_DEEP) return too_deep(tokens, tokens->base, err);
    const char *stop = g.text + end;
    if (code == ERR_TRUNCATED || stopped_at_cut(tokens, stop)) return truncated(tokens, err);
    const char *problem = found ? g.problem : "a character that cannot start a value";
    if (*stop == '"') problem = "a string with an unknown escape; write a backslash as \\\\";
    return err_set_at(err, ERR_NOT_JSON, tokens->base + end, "not JSON: %s", problem);
}

/* The text goes on after len bytes, but is not UTF-8 there. An error of the grammar that lies
 * before that is reported instead. */
static bool explain_bad_text(struct tokens *tokens, size_t len, struct err *err) {
    struct err ignored;
    struct grammar g;
    bool found;
    if (err->code != ERR_NOT_JSON && err->code != ERR_TRUNCATED) return false;
    if (!look_for_error(tokens, len, &g, &found, &ignored)) return false;
    return found && g.p < g.end ? report(tokens, &g, err) : false;
}

/* ---- tokenizing over the window ---------------------------------------------------------- */

static bool can_start_value(char c) {
    return c != '\0' && strchr("{[\"-0123456789tfnNI", c) != NULL;
}

/* Starts to tokenize at the cursor. The slice grows while shapes take no values in between. */
static bool start_batch(struct tokens *tokens, struct err *err) {
    tokens->base = tokens->window->cursor;
    tokens->root = 0;
    bool alone = tokens->base <= tokens->seen; /* shapes took nothing after the last slice */
    tokens->slice = !alone ? FIRST_SLICE : tokens->slice < SLICE ? tokens->slice * 2 : SLICE;
    shrink_nodes(tokens);
    return tokenizer_start(&tokens->tokenizer, err);
}

/* Gets more of the value that starts at base: a longer slice of the window, or twice as much as the
 * window holds. Doubling bounds how often a large value is looked at. */
static bool extend(struct tokens *tokens, size_t *len, struct err *err) {
    struct window *window = tokens->window;
    size_t there = (size_t)(window_end(window) - tokens->base);
    if (*len == there) {
        if (window->ended) return explain(tokens, *len, ERR_TRUNCATED, err);
        if (!window_fill(window, there ? there : 1, err)) {
            return explain_bad_text(tokens, *len, err);
        }
        there = (size_t)(window_end(window) - tokens->base);
    }
    *len = there - *len > *len ? *len * 2 : there;
    if (*len < tokens->slice) *len = there < tokens->slice ? there : tokens->slice;
    return true;
}

/* Tokenizes len bytes from base, growing the tokens as needed, or until the value at root is
 * complete. Refuses values that cannot become valid any more, so that a body of a million [ does
 * not fill the window first. */
static bool tokenize_slice(struct tokens *tokens, size_t len, struct err *err) {
    struct tokenizer *tokenizer = &tokens->tokenizer;
    for (;;) {
        const char *text = window_at(tokens->window, tokens->base);
        int rc = tokenizer_continue(tokenizer, text, len);
        if (root_is_complete(tokens)) return true;
        if (rc == JSMN_ERROR_INVAL) return explain(tokens, len, ERR_NOT_JSON, err);
        if (tokenizer_is_deeper(tokenizer, tokens->limits.max_depth)) {
            return explain(tokens, len, ERR_TOO_DEEP, err);
        }
        if (rc != JSMN_ERROR_NOMEM) return true;
        if (!grow_tokens(tokens, err)) return false;
    }
}

/* Tokenizes from the cursor until the value there is complete. The slice may hold more values. */
static bool tokenize_batch(struct tokens *tokens, struct err *err) {
    if (!start_batch(tokens, err)) return false;
    size_t len = 0;
    do {
        if (!extend(tokens, &len, err)) return false;
        if (!can_start_value(*window_at(tokens->window, tokens->base))) {
            return err_set_at(err, ERR_NOT_JSON, tokens->base, "not JSON: expected a value");
        }
        if (!tokenize_slice(tokens, len, err)) return false;
        tokens->seen = tokens->base + len;
    } while (!root_is_complete(tokens));
    return true;
}

/* ---- values ------------------------------------------------------------------------------ */

bool tokens_ready(const struct tokens *tokens) {
    return root_is_complete(tokens) && root_is_at_cursor(tokens);
}

void tokens_enter(struct tokens *tokens) {
    if (root_is_at_cursor(tokens)) tokens->root++;
    tokens->window->cursor++;
}

/* Frees the tokens of a large value as soon as its nodes are written. */
static void drop_many_tokens(struct tokens *tokens, uint32_t count) {
    if (count <= MANY_TOKENS) return;
    tokenizer_free(&tokens->tokenizer);
    tokens->root = 0;
}

bool tokens_next(struct tokens *tokens, struct json_value *value, struct err *err) {
    struct window *window = tokens->window;
    if (!tokens_ready(tokens) && !tokenize_batch(tokens, err)) return false;
    if (!room_for_nodes(tokens, token_count(tokens) - tokens->root, err)) return false;

    size_t there = (size_t)(window_end(window) - tokens->base);
    struct grammar g = grammar_at_root(tokens, there);
    if (!grammar_check(&g)) return report(tokens, &g, err);
    *value = (struct json_value){
        .text = g.text + g.origin,
        .nodes = g.nodes,
        .count = g.node_count,
        .offset = window->cursor,
        .non_finite = g.non_finite,
        .climbs = g.climbs,
    };
    tokens->root = g.tok;
    window->cursor = tokens->base + (uint64_t)(g.p - g.text);
    drop_many_tokens(tokens, g.node_count);
    return true;
}
