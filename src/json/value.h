/*
 * One complete, checked JSON value: its text, and its nodes in the order of the text (an object's
 * node is followed by key, value, key, value …; an array's by its elements).
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
    uint32_t start; /* in the value's text; a string's without its quotes */
    uint32_t end;
    uint32_t next; /* index of the first node behind this one and all that is in it */
    uint8_t type;  /* enum json_type */
    bool escaped;  /* a string with a backslash in it */
};

struct json_value {
    const char *text;
    const struct json_node *nodes;
    const struct decimal *decimals; /* of the nodes that are numbers; NULL: not known yet */
    uint32_t count;
    uint64_t offset; /* of text in the body */
    bool non_finite; /* NaN or Infinity is somewhere in it */
};

/* "a string", "an object" … for messages. */
const char *json_type_name(enum json_type type);

/* The text of a node as it came, a string's with its quotes. */
static inline struct slice json_raw(const struct json_value *value, uint32_t node) {
    const struct json_node *n = &value->nodes[node];
    uint32_t quote = n->type == JSON_STRING;
    return (struct slice){value->text + n->start - quote, n->end - n->start + 2 * quote};
}

/* Whether a string node reads as this text once its escapes are resolved. */
bool json_equals(const struct json_value *value, uint32_t node, const char *text);

/* Appends a string node's text with its escapes resolved, as UTF-8. Returns false, having appended
 * an unspecified part, when it holds U+0000 or a lone surrogate: no text column can hold those. */
bool json_unescape(const struct json_value *value, uint32_t node, struct buf *into);

/* The value of an object node's member, the last one of that name; 0 when it is no object or has
 * none. */
uint32_t json_member(const struct json_value *value, uint32_t node, const char *name);

/* A node with all that is in it as a value of its own, which points into the text of the whole one
 * and into `nodes`, whose contents it replaces. False when that has failed. */
bool json_part(const struct json_value *value, uint32_t node, struct buf *nodes,
               struct json_value *part);

/* How many children an array or object node has (an object: keys and values together). */
uint32_t json_child_count(const struct json_value *value, uint32_t node);

#endif
