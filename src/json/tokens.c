/* Values out of a window, with jsmn: see tokens.h. */
#include "json/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "json/lexical.h"

/* Without JSMN_STRICT a number cut by the window's edge counts as whole; without parent links each
 * closing bracket searches backwards, and a window takes quadratic time. */
#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

enum {
    SLICE = 64 * 1024,     /* bytes tokenized in one go: their tokens stay in the cache */
    FIRST_SLICE = 4096,    /* the same as long as others take most of the values */
    FEW_TOKENS = 8 * 1024, /* what there is room for unless one value needs more */
    MANY_TOKENS =
        64 * 1024 /* of a value so large that tokenizing a slice again is nothing beside it */
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
    jsmn_parser parser;
    jsmntok_t *toks;
    uint32_t cap;
    struct json_node *nodes;
    uint32_t node_cap;
    uint64_t base; /* offset in the body of what toks count from */
    uint32_t root; /* the next value not handed out; parser.toknext when there is none */
    size_t slice;  /* bytes to tokenize in one go */
    uint64_t seen; /* where the last of them ended in the body */
};

struct tokens *tokens_new(struct window *window, const struct json_limits *limits) {
    struct tokens *tokens = calloc(1, sizeof *tokens);
    if (!tokens) return NULL;
    tokens->window = window;
    tokens->limits = *limits;
    tokens->slice = FIRST_SLICE;
    jsmn_init(&tokens->parser);
    return tokens;
}

void tokens_free(struct tokens *tokens) {
    if (!tokens) return;
    free(tokens->toks);
    free(tokens->nodes);
    free(tokens);
}

/* ---- the grammar ------------------------------------------------------------------------- */

/* Walks text and tokens side by side and writes the nodes. Every byte of the value is either
 * looked at here or lies inside a string or a primitive that jsmn delimited. */
struct checker {
    const char *text; /* token positions count from here */
    const char *end;
    const char *body_end; /* of the whole body, NULL while that is not known */
    const char *p;
    const jsmntok_t *toks;
    uint32_t tok; /* next token */
    uint32_t tok_count;
    bool ran_out; /* a token was due and there are no more */
    struct json_node *nodes;
    uint32_t node_count;
    uint32_t origin; /* position of the value in text: nodes count from it */
    unsigned depth;
    unsigned max_depth;
    bool non_finite;
    enum err_code code; /* what is wrong at p */
    const char *problem;
};

static bool wrong(struct checker *c, enum err_code code, const char *problem) {
    c->code = code;
    c->problem = problem;
    return false;
}

static void skip_space(struct checker *c) {
    while (c->p < c->end && lexical_is_space(*c->p)) c->p++;
}

static bool at(const struct checker *c, char expected) {
    return c->p < c->end && *c->p == expected;
}

static uint32_t add_node(struct checker *c, enum json_type type, const jsmntok_t *tok,
                         bool escaped) {
    uint32_t i = c->node_count++;
    c->nodes[i] = (struct json_node){
        .start = (uint32_t)tok->start - c->origin,
        .end = (uint32_t)tok->end - c->origin,
        .next = i + 1,
        .type = (uint8_t)type,
        .escaped = escaped,
    };
    return i;
}

static bool check_value(struct checker *c);

/* The next token if it starts at p and has this type; *quote is 1 for strings, whose tokens leave
 * out the quotes. */
static const jsmntok_t *take(struct checker *c, jsmntype_t type) {
    int quote = type == JSMN_STRING;
    if (c->tok == c->tok_count) {
        c->ran_out = true;
        return NULL;
    }
    const jsmntok_t *tok = &c->toks[c->tok];
    if (tok->type != type || tok->start - quote != c->p - c->text) return NULL;
    c->tok++;
    return tok;
}

static bool check_string(struct checker *c) {
    const jsmntok_t *tok = take(c, JSMN_STRING);
    if (!tok) return wrong(c, ERR_NOT_JSON, "not a string");
    bool escaped;
    size_t len = (size_t)(tok->end - tok->start);
    size_t good = lexical_string(c->p + 1, len, &escaped);
    if (good < len) {
        c->p += 1 + good;
        return wrong(c, ERR_NOT_JSON, "a control character inside a string");
    }
    add_node(c, JSON_STRING, tok, escaped);
    c->p += len + 2;
    return true;
}

static bool is_text(const char *p, size_t len, const char *text) {
    return strlen(text) == len && memcmp(p, text, len) == 0;
}

static bool check_primitive(struct checker *c) {
    const jsmntok_t *tok = take(c, JSMN_PRIMITIVE);
    if (!tok) return wrong(c, ERR_NOT_JSON, "not a value");
    size_t len = (size_t)(tok->end - tok->start);
    enum json_type type;
    if (lexical_is_number(c->p, len, c->end)) {
        type = JSON_NUMBER;
    } else if (is_text(c->p, len, "true")) {
        type = JSON_TRUE;
    } else if (is_text(c->p, len, "false")) {
        type = JSON_FALSE;
    } else if (is_text(c->p, len, "null")) {
        type = JSON_NULL;
    } else if (is_text(c->p, len, "NaN") || is_text(c->p, len, "Infinity") ||
               is_text(c->p, len, "-Infinity")) {
        type = JSON_NON_FINITE;
        c->non_finite = true;
    } else {
        bool cut = c->p + len == c->body_end && lexical_is_cut(c->p, len);
        return wrong(c, cut ? ERR_TRUNCATED : ERR_NOT_JSON, "not a number, true, false or null");
    }
    add_node(c, type, tok, false);
    c->p += len;
    return true;
}

static bool check_member(struct checker *c) {
    if (!at(c, '"')) return wrong(c, ERR_NOT_JSON, "a key in quotes is due here");
    if (!check_string(c)) return false;
    skip_space(c);
    if (!at(c, ':')) return wrong(c, ERR_NOT_JSON, "a colon is due here");
    c->p++;
    skip_space(c);
    return check_value(c);
}

static bool check_container(struct checker *c, jsmntype_t type) {
    const jsmntok_t *tok = take(c, type);
    if (!tok) return wrong(c, ERR_NOT_JSON, "not a value");
    if (++c->depth > c->max_depth) return wrong(c, ERR_TOO_DEEP, "nested too deep");
    bool object = type == JSMN_OBJECT;
    char close = object ? '}' : ']';
    uint32_t node = add_node(c, object ? JSON_OBJECT : JSON_ARRAY, tok, false);
    c->p++;
    skip_space(c);
    if (!at(c, close)) {
        for (;;) {
            if (!(object ? check_member(c) : check_value(c))) return false;
            skip_space(c);
            if (!at(c, ',')) break;
            c->p++;
            skip_space(c);
        }
        if (!at(c, close)) {
            return wrong(c, ERR_NOT_JSON,
                         object ? "a comma or } is due here" : "a comma or ] is due here");
        }
    }
    c->p++;
    c->depth--;
    c->nodes[node].next = c->node_count;
    return true;
}

static bool check_value(struct checker *c) {
    if (c->p == c->end) return wrong(c, ERR_NOT_JSON, "a value is due here");
    switch (*c->p) {
    case '{':
        return check_container(c, JSMN_OBJECT);
    case '[':
        return check_container(c, JSMN_ARRAY);
    case '"':
        return check_string(c);
    default:
        return check_primitive(c);
    }
}

/* ---- jsmn over the window ---------------------------------------------------------------- */

static bool grow_tokens(struct tokens *tokens, struct err *err) {
    uint32_t max = tokens->limits.max_tokens;
    if (tokens->cap >= max) {
        return err_set_at(err, ERR_ELEMENT_TOO_LARGE, tokens->base,
                          "an element has more than %u tokens", max);
    }
    uint32_t cap = tokens->cap ? tokens->cap * 2 : FEW_TOKENS;
    if (cap > max) cap = max;
    jsmntok_t *toks = realloc(tokens->toks, cap * sizeof *toks);
    if (!toks) return err_set(err, ERR_BUSY, "out of memory for %u tokens", cap);
    tokens->toks = toks;
    tokens->cap = cap;
    return true;
}

static bool room_for_nodes(struct tokens *tokens, uint32_t count, struct err *err) {
    if (tokens->nodes && tokens->node_cap >= count) return true;
    uint32_t cap = count < FEW_TOKENS ? FEW_TOKENS : count;
    free(tokens->nodes); /* nothing in them is needed any more */
    tokens->nodes = malloc(cap * sizeof *tokens->nodes);
    tokens->node_cap = tokens->nodes ? cap : 0;
    if (!tokens->nodes) return err_set(err, ERR_BUSY, "out of memory for %u tokens", cap);
    return true;
}

/* Begin to count tokens from the cursor, with little memory. */
static bool start_batch(struct tokens *tokens, struct err *err) {
    jsmn_init(&tokens->parser);
    tokens->base = tokens->window->cursor;
    tokens->root = 0;
    bool alone = tokens->base <= tokens->seen; /* nobody else took values behind the last slice */
    tokens->slice = !alone ? FIRST_SLICE : tokens->slice < SLICE ? tokens->slice * 2 : SLICE;
    if (tokens->cap > FEW_TOKENS) {
        free(tokens->toks);
        free(tokens->nodes);
        tokens->toks = NULL;
        tokens->nodes = NULL;
        tokens->cap = tokens->node_cap = 0;
    }
    return tokens->cap > 0 || grow_tokens(tokens, err);
}

/* jsmn in strict mode refuses NaN and Infinity: give it the token it would have made. Returns as
 * lexical_non_finite. */
static int take_non_finite(struct tokens *tokens, const char *text, size_t len) {
    jsmn_parser *parser = &tokens->parser;
    int literal = lexical_non_finite(text + parser->pos, len - parser->pos);
    if (literal <= 0) return literal;
    jsmntok_t *tok = jsmn_alloc_token(parser, tokens->toks, tokens->cap);
    jsmn_fill_token(tok, JSMN_PRIMITIVE, (int)parser->pos, (int)parser->pos + literal);
    tok->parent = parser->toksuper;
    if (parser->toksuper != -1) tokens->toks[parser->toksuper].size++;
    parser->pos += (unsigned)literal;
    return literal;
}

/* Tokenize on to len bytes from base. Returns what jsmn_parse does. */
static int tokenize(struct tokens *tokens, size_t len) {
    const char *text = window_at(tokens->window, tokens->base);
    for (;;) {
        jsmn_parser parser = tokens->parser; /* a local one stays in registers */
        int rc = jsmn_parse(&parser, text, len, tokens->toks, tokens->cap);
        tokens->parser = parser;
        if (rc != JSMN_ERROR_INVAL) return rc;
        char c = text[tokens->parser.pos];
        if (c != 'N' && c != 'I') return rc;
        if (tokens->parser.toknext == tokens->cap) return JSMN_ERROR_NOMEM;
        int literal = take_non_finite(tokens, text, len);
        if (literal < 0) return JSMN_ERROR_PART;
        if (literal == 0) return rc;
    }
}

/* Whether the value at root is there as a whole. */
static bool root_is_complete(const struct tokens *tokens) {
    return tokens->root < tokens->parser.toknext && tokens->toks[tokens->root].end != -1;
}

static const char *body_end(const struct tokens *tokens) {
    return window_at(tokens->window, tokens->window->total);
}

static struct checker checker_at_root(struct tokens *tokens, size_t len) {
    const char *text = window_at(tokens->window, tokens->base);
    uint32_t origin = (uint32_t)(tokens->window->cursor - tokens->base);
    return (struct checker){
        .text = text,
        .end = text + len,
        .body_end = tokens->window->ended ? body_end(tokens) : NULL,
        .p = text + origin,
        .toks = tokens->toks,
        .tok = tokens->root,
        .tok_count = tokens->parser.toknext,
        .nodes = tokens->nodes,
        .origin = origin,
        .max_depth = tokens->limits.max_depth,
    };
}

static bool too_deep(struct tokens *tokens, uint64_t offset, struct err *err) {
    return err_set_at(err, ERR_TOO_DEEP, offset, "nested deeper than %u levels",
                      tokens->limits.max_depth);
}

static bool truncated(struct tokens *tokens, struct err *err) {
    return err_set_at(err, ERR_TRUNCATED, tokens->window->total,
                      "the body ends in the middle of the JSON");
}

static bool report(struct tokens *tokens, const struct checker *c, struct err *err) {
    uint64_t offset = tokens->base + (uint64_t)(c->p - c->text);
    if (c->code == ERR_TOO_DEEP) return too_deep(tokens, offset, err);
    if (c->code == ERR_TRUNCATED) return truncated(tokens, err);
    return err_set_at(err, c->code, offset, "not JSON: %s", c->problem);
}

/* Whether jsmn refused, at stop, no more than the newline behind a string or a literal that the end
 * of the body cuts. */
static bool stopped_at_cut(const struct tokens *tokens, const char *stop) {
    if (!tokens->window->ended || !memchr("\"NI", *stop, 3)) return false;
    return lexical_is_cut(stop, (size_t)(body_end(tokens) - stop));
}

/* The value at root is not, or not yet, one to take, within len bytes: find the first thing that is
 * wrong in it. What the grammar finds comes before what made us stop: the end of the body
 * (ERR_TRUNCATED), jsmn (ERR_NOT_JSON), or the depth. */
static bool explain(struct tokens *tokens, size_t len, enum err_code code, struct err *err) {
    if (!room_for_nodes(tokens, tokens->parser.toknext - tokens->root + 1, err)) return false;
    size_t end = code == ERR_NOT_JSON ? tokens->parser.pos : len;
    struct checker c = checker_at_root(tokens, end);
    bool found = !check_value(&c) && !c.ran_out;
    if (found && c.p < c.end) return report(tokens, &c, err);
    if (code == ERR_TOO_DEEP) return too_deep(tokens, tokens->base, err);
    const char *stop = c.text + end;
    if (code == ERR_TRUNCATED || stopped_at_cut(tokens, stop)) return truncated(tokens, err);
    const char *problem = found ? c.problem : "unexpected character";
    if (*stop == '"') problem = "an unknown escape in this string";
    return err_set_at(err, ERR_NOT_JSON, tokens->base + end, "not JSON: %s", problem);
}

/* A body of a million [ must not fill the window before it is refused: count the open brackets.
 * Costs at most the depth allowed, once a slice. */
static bool is_too_deep(const struct tokens *tokens) {
    unsigned depth = 0;
    for (int i = tokens->parser.toksuper; i != -1; i = tokens->toks[i].parent) {
        if (tokens->toks[i].type == JSMN_STRING) continue; /* a key waiting for its value */
        if (++depth > tokens->limits.max_depth) return true;
    }
    return false;
}

static bool can_start_value(char c) {
    return c != '\0' && strchr("{[\"-0123456789tfnNI", c) != NULL;
}

/* Get more of the value that began at base: a longer slice of what is there, or twice as much as
 * there is, so that a value of any size is looked at a bounded number of times. */
static bool extend(struct tokens *tokens, size_t *len, struct err *err) {
    struct window *window = tokens->window;
    size_t there = (size_t)(window_end(window) - tokens->base);
    if (*len == there) {
        if (window->ended) return explain(tokens, *len, ERR_TRUNCATED, err);
        if (!window_fill(window, there ? there : 1, err)) return false;
        there = (size_t)(window_end(window) - tokens->base);
    }
    *len = there - *len > *len ? *len * 2 : there;
    if (*len < tokens->slice) *len = there < tokens->slice ? there : tokens->slice;
    return true;
}

/* Tokenize len bytes from base, with as many tokens as that takes, or until the value at root is
 * complete. Refuses what cannot become a value any more. */
static bool tokenize_slice(struct tokens *tokens, size_t len, struct err *err) {
    for (;;) {
        int rc = tokenize(tokens, len);
        if (root_is_complete(tokens)) return true;
        if (rc == JSMN_ERROR_INVAL) return explain(tokens, len, ERR_NOT_JSON, err);
        if (is_too_deep(tokens)) return explain(tokens, len, ERR_TOO_DEEP, err);
        if (rc != JSMN_ERROR_NOMEM) return true;
        if (!grow_tokens(tokens, err)) return false;
    }
}

/* Tokenize from the cursor until the value there is complete; those behind it come along. */
static bool tokenize_batch(struct tokens *tokens, struct err *err) {
    if (!start_batch(tokens, err)) return false;
    size_t len = 0;
    do {
        if (!extend(tokens, &len, err)) return false;
        if (!can_start_value(*window_at(tokens->window, tokens->base))) {
            return err_set_at(err, ERR_NOT_JSON, tokens->base, "not JSON: a value is due here");
        }
        if (!tokenize_slice(tokens, len, err)) return false;
        tokens->seen = tokens->base + len;
    } while (!root_is_complete(tokens));
    return true;
}

/* Whether the token at root, of a value that need not be complete, is the one at the cursor. */
static bool root_is_at_cursor(const struct tokens *tokens) {
    if (tokens->root >= tokens->parser.toknext) return false;
    const jsmntok_t *tok = &tokens->toks[tokens->root];
    int quote = tok->type == JSMN_STRING;
    return tokens->base + (uint64_t)(tok->start - quote) == tokens->window->cursor;
}

bool tokens_ready(const struct tokens *tokens) {
    return root_is_complete(tokens) && root_is_at_cursor(tokens);
}

void tokens_enter(struct tokens *tokens) {
    if (root_is_at_cursor(tokens)) tokens->root++;
    tokens->window->cursor++;
}

/* What one large value took is not kept while it is used: its nodes are enough. */
static void drop_many_tokens(struct tokens *tokens, uint32_t count) {
    if (count <= MANY_TOKENS) return;
    free(tokens->toks);
    tokens->toks = NULL;
    tokens->cap = 0;
    tokens->root = 0;
    jsmn_init(&tokens->parser);
}

bool tokens_next(struct tokens *tokens, struct json_value *value, struct err *err) {
    struct window *window = tokens->window;
    if (!tokens_ready(tokens) && !tokenize_batch(tokens, err)) return false;
    if (!room_for_nodes(tokens, tokens->parser.toknext - tokens->root, err)) return false;

    size_t there = (size_t)(window_end(window) - tokens->base);
    struct checker c = checker_at_root(tokens, there);
    if (!check_value(&c)) return report(tokens, &c, err);
    *value = (struct json_value){
        .text = c.text + c.origin,
        .nodes = c.nodes,
        .count = c.node_count,
        .offset = window->cursor,
        .non_finite = c.non_finite,
    };
    tokens->root = c.tok;
    window->cursor = tokens->base + (uint64_t)(c.p - c.text);
    drop_many_tokens(tokens, c.node_count);
    return true;
}
