/*
 * Parses arrays and objects that are in memory as a whole, one after the other, with the same
 * memory. For many short values that come from the database: a document (document.h) costs more to
 * open than those to read. It checks the grammar, but not UTF-8.
 */
#ifndef PGCOCO_JSON_PARSER_H
#define PGCOCO_JSON_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "json/tokenizer.h"
#include "json/value.h"

struct json_parser {
    struct tokenizer tokenizer;
    struct json_node *nodes;
    uint32_t node_cap;
    unsigned max_depth;
};

/* Starts without memory. max_depth: deepest nesting. Call json_parser_free in any case. */
void json_parser_init(struct json_parser *parser, unsigned max_depth);
void json_parser_free(struct json_parser *parser);

/* Parses a text: an array or an object, with white space around it or not. *value is valid until
 * the next call, and points into the text. ERR_NOT_JSON if it is anything else, or deeper;
 * ERR_BUSY. */
bool json_parser_read(struct json_parser *parser, struct slice text, struct json_value *value,
                      struct err *err);

#endif
