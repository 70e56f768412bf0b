/* Parses text in memory: see parser.h. */
#include "json/parser.h"

#include <stdlib.h>

#include "json/grammar.h"
#include "json/lexical.h"

enum {
    TOKENS_MAX = 1 << 28
};

void json_parser_init(struct json_parser *parser, unsigned max_depth) {
    *parser = (struct json_parser){.max_depth = max_depth};
    tokenizer_init(&parser->tokenizer, TOKENS_MAX);
}

void json_parser_free(struct json_parser *parser) {
    tokenizer_free(&parser->tokenizer);
    free(parser->nodes);
    parser->nodes = NULL;
    parser->node_cap = 0;
}

static struct slice trim(struct slice text) {
    while (text.len > 0 && lexical_is_space(text.data[0])) text.data++, text.len--;
    while (text.len > 0 && lexical_is_space(text.data[text.len - 1])) text.len--;
    return text;
}

static bool not_json(struct err *err) {
    return err_set(err, ERR_NOT_JSON, "not JSON: expected an array or an object");
}

static bool tokenize(struct json_parser *parser, struct slice text, struct err *err) {
    struct tokenizer *tokenizer = &parser->tokenizer;
    if (!tokenizer_start(tokenizer, err)) return false;
    for (;;) {
        int rc = tokenizer_continue(tokenizer, text.data, text.len);
        if (rc >= 0) return true;
        if (rc != JSMN_ERROR_NOMEM || tokenizer_is_deeper(tokenizer, parser->max_depth)) {
            return not_json(err);
        }
        if (!tokenizer_grow(tokenizer, err)) return false;
    }
}

static bool room_for_nodes(struct json_parser *parser, uint32_t count, struct err *err) {
    if (parser->node_cap >= count) return true;
    free(parser->nodes); /* the old contents are not needed */
    parser->nodes = malloc(count * sizeof *parser->nodes);
    parser->node_cap = parser->nodes ? count : 0;
    return parser->nodes || err_set(err, ERR_BUSY, "out of memory for %u tokens", count);
}

bool json_parser_read(struct json_parser *parser, struct slice text, struct json_value *value,
                      struct err *err) {
    text = trim(text);
    /* A number at the end would have no byte behind it, which number_double needs. */
    if (text.len == 0 || text.len > INT32_MAX || (text.data[0] != '[' && text.data[0] != '{')) {
        return not_json(err);
    }
    if (!tokenize(parser, text, err)) return false;
    if (!room_for_nodes(parser, parser->tokenizer.cap, err)) return false;
    struct grammar g = {
        .text = text.data,
        .end = text.data + text.len,
        .body_end = text.data + text.len,
        .p = text.data,
        .toks = parser->tokenizer.toks,
        .tok_count = parser->tokenizer.parser.toknext,
        .max_depth = parser->max_depth,
        .nodes = parser->nodes,
    };
    if (!grammar_check(&g) || g.p != g.end) return not_json(err);
    *value = (struct json_value){.text = text.data,
                                 .nodes = g.nodes,
                                 .count = g.node_count,
                                 .non_finite = g.non_finite,
                                 .climbs = g.climbs};
    return true;
}
