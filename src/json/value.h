/*
 * One complete, checked JSON value: its text, and its nodes in the order of the text. The node of
 * an object is followed by key, value, key, value …; the node of an array by its elements.
 */
#ifndef PGCOCO_JSON_VALUE_H
#define PGCOCO_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "json/decimal.h"

enum json_type {
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
    JSON_NON_FINITE /* NaN, Infinity, -Infinity: not JSON, but Python writes them */
};

struct json_node {
    uint32_t start; /* in the text of the value; strings without their quotes */
    uint32_t end;
    uint32_t next; /* index of the first node after this one and its contents */
    uint8_t type;  /* enum json_type */
    bool escaped;  /* a string that holds a backslash */
};

struct json_value {
    const char *text;
    const struct json_node *nodes;
    const struct decimal *decimals; /* of the number nodes; NULL if not parsed yet */
    uint32_t count;
    uint64_t offset; /* of the text in the body */
    bool non_finite; /* it holds NaN or Infinity somewhere */
    uint64_t climbs; /* what its nesting has cost: see grammar.h */
};

/* Returns the type as messages name it: "a string", "an object", … */
const char *json_type_name(enum json_type type);

/* Returns the text of a node verbatim; strings with their quotes. */
static inline struct slice json_raw(const struct json_value *value, uint32_t node) {
    const struct json_node *n = &value->nodes[node];
    uint32_t quote = n->type == JSON_STRING;
    return (struct slice){value->text + n->start - quote, n->end - n->start + 2 * quote};
}

/* True if a string node equals this text after unescaping. */
bool json_equals(const struct json_value *value, uint32_t node, const char *text);

enum {
    JSON_ESCAPED_MAX = 6 /* bytes of a text in a file for each of its bytes: \u0020 */
};

/* Appends the text of a string node, unescaped, as UTF-8. False if it holds U+0000 or a lone
 * surrogate, which PostgreSQL's text cannot hold; part of it may then have been appended. */
bool json_unescape(const struct json_value *value, uint32_t node, struct buf *into);

/* Returns the value of the last member of this name; 0 if the node has none or is not an object. */
uint32_t json_member(const struct json_value *value, uint32_t node, const char *name);

/* Makes a value of a node and its contents. *part points into the text of `value` and into `nodes`,
 * whose contents it replaces. False if memory ran out (nodes->failed). */
bool json_part(const struct json_value *value, uint32_t node, struct buf *nodes,
               struct json_value *part);

/* Counts the children of an array or an object (keys and values both count). */
uint32_t json_child_count(const struct json_value *value, uint32_t node);

#endif
