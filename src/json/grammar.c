/* Checks the grammar of RFC 8259 over jsmn's tokens: see grammar.h. */
#include "json/grammar.h"

#include <string.h>

#include "json/lexical.h"

static bool wrong(struct grammar *g, enum err_code code, const char *problem) {
    g->code = code;
    g->problem = problem;
    return false;
}

static void skip_space(struct grammar *g) {
    while (g->p < g->end && lexical_is_space(*g->p)) g->p++;
}

static bool at(const struct grammar *g, char expected) {
    return g->p < g->end && *g->p == expected;
}

static uint32_t add_node(struct grammar *g, enum json_type type, const jsmntok_t *tok,
                         bool escaped) {
    uint32_t i = g->node_count++;
    g->last_depth = g->depth;
    g->nodes[i] = (struct json_node){
        .start = (uint32_t)tok->start - g->origin,
        .end = (uint32_t)tok->end - g->origin,
        .next = i + 1,
        .type = (uint8_t)type,
        .escaped = escaped,
    };
    return i;
}

static bool check_value(struct grammar *g);

/* Takes the next token if it starts at p and has this type. The token of a string excludes the
 * quotes. */
static const jsmntok_t *take(struct grammar *g, jsmntype_t type) {
    int quote = type == JSMN_STRING;
    if (g->tok == g->tok_count) {
        g->ran_out = true;
        return NULL;
    }
    const jsmntok_t *tok = &g->toks[g->tok];
    if (tok->type != type || tok->start - quote != g->p - g->text) return NULL;
    g->tok++;
    return tok;
}

static bool check_string(struct grammar *g) {
    const jsmntok_t *tok = take(g, JSMN_STRING);
    if (!tok) return wrong(g, ERR_NOT_JSON, "expected a string");
    bool escaped;
    size_t len = (size_t)(tok->end - tok->start);
    size_t good = lexical_string(g->p + 1, len, &escaped);
    if (good < len) {
        g->p += 1 + good;
        return wrong(g, ERR_NOT_JSON,
                     "a control character inside a string must be escaped, as \\n or \\u000a");
    }
    add_node(g, JSON_STRING, tok, escaped);
    g->p += len + 2;
    return true;
}

static bool is_text(const char *p, size_t len, const char *text) {
    return strlen(text) == len && memcmp(p, text, len) == 0;
}

static bool check_primitive(struct grammar *g) {
    const jsmntok_t *tok = take(g, JSMN_PRIMITIVE);
    if (!tok) return wrong(g, ERR_NOT_JSON, "expected a value");
    size_t len = (size_t)(tok->end - tok->start);
    enum json_type type;
    if (lexical_is_number(g->p, len, g->end)) {
        type = JSON_NUMBER;
    } else if (is_text(g->p, len, "true")) {
        type = JSON_TRUE;
    } else if (is_text(g->p, len, "false")) {
        type = JSON_FALSE;
    } else if (is_text(g->p, len, "null")) {
        type = JSON_NULL;
    } else if (is_text(g->p, len, "NaN") || is_text(g->p, len, "Infinity") ||
               is_text(g->p, len, "-Infinity")) {
        type = JSON_NON_FINITE;
        g->non_finite = true;
    } else {
        bool cut = g->p + len == g->body_end && lexical_is_cut(g->p, len);
        return wrong(g, cut ? ERR_TRUNCATED : ERR_NOT_JSON,
                     "expected a number, true, false or null");
    }
    add_node(g, type, tok, false);
    g->p += len;
    return true;
}

static bool check_member(struct grammar *g) {
    if (!at(g, '"')) return wrong(g, ERR_NOT_JSON, "expected a key in double quotes");
    if (!check_string(g)) return false;
    skip_space(g);
    if (!at(g, ':')) return wrong(g, ERR_NOT_JSON, "expected a colon after the key");
    g->p++;
    skip_space(g);
    return check_value(g);
}

/* Checks one member or element. `close` is the bracket that would end the container. */
static bool check_item(struct grammar *g, char close, bool first) {
    const char *start = g->p;
    if (close == '}' ? check_member(g) : check_value(g)) return true;
    if (first || g->p > start || !at(g, close)) return false;
    return wrong(g, ERR_NOT_JSON,
                 close == '}' ? "the comma before } is one too many; remove it"
                              : "the comma before ] is one too many; remove it");
}

static bool check_items(struct grammar *g, char close) {
    skip_space(g);
    if (at(g, close)) return true;
    for (bool first = true;; first = false) {
        if (!check_item(g, close, first)) return false;
        skip_space(g);
        if (!at(g, ',')) break;
        g->p++;
        skip_space(g);
    }
    return at(g, close) ||
           wrong(g, ERR_NOT_JSON, close == '}' ? "expected a comma or }" : "expected a comma or ]");
}

static bool check_container(struct grammar *g, jsmntype_t type) {
    const jsmntok_t *tok = take(g, type);
    if (!tok) return wrong(g, ERR_NOT_JSON, "expected a value");
    if (++g->depth > g->max_depth) return wrong(g, ERR_TOO_DEEP, "nested too deep");
    bool object = type == JSMN_OBJECT;
    uint32_t node = add_node(g, object ? JSON_OBJECT : JSON_ARRAY, tok, false);
    g->p++;
    if (!check_items(g, object ? '}' : ']')) return false;
    g->p++;
    g->depth--;
    g->climbs += g->last_depth - g->depth; /* jsmn begins at the last token */
    g->nodes[node].next = g->node_count;
    return true;
}

static bool check_value(struct grammar *g) {
    if (g->p == g->end) return wrong(g, ERR_NOT_JSON, "expected a value");
    switch (*g->p) {
    case '{':
        return check_container(g, JSMN_OBJECT);
    case '[':
        return check_container(g, JSMN_ARRAY);
    case '"':
        return check_string(g);
    default:
        return check_primitive(g);
    }
}

bool grammar_check(struct grammar *g) {
    return check_value(g);
}
