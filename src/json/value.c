/* Accessors of a checked JSON value: see value.h. */
#include "json/value.h"

#include <string.h>

const char *json_type_name(enum json_type type) {
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",  [JSON_NUMBER] = "a number",
        [JSON_TRUE] = "true",        [JSON_FALSE] = "false",
        [JSON_NULL] = "null",        [JSON_NON_FINITE] = "NaN or Infinity",
    };
    return names[type];
}

static unsigned hex_digit(char c) {
    if (c <= '9') return (unsigned)(c - '0');
    return (unsigned)((c | 0x20) - 'a') + 10;
}

/* Reads the four hex digits after \u; jsmn has checked them. */
static unsigned hex4(const char *p) {
    return hex_digit(p[0]) << 12 | hex_digit(p[1]) << 8 | hex_digit(p[2]) << 4 | hex_digit(p[3]);
}

static size_t encode_utf8(unsigned c, char *into) {
    if (c < 0x80) {
        into[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        into[0] = (char)(0xc0 | c >> 6);
        into[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        into[0] = (char)(0xe0 | c >> 12);
        into[1] = (char)(0x80 | (c >> 6 & 0x3f));
        into[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    into[0] = (char)(0xf0 | c >> 18);
    into[1] = (char)(0x80 | (c >> 12 & 0x3f));
    into[2] = (char)(0x80 | (c >> 6 & 0x3f));
    into[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Resolves the four digits at *p (after \u), and the second half of a surrogate pair (RFC 8259
 * section 7). Returns the character and moves *p past it; 0 for U+0000 and lone surrogates. */
static unsigned unicode_escape(const char **p, const char *end) {
    unsigned c = hex4(*p);
    *p += 4;
    if (c < 0xd800 || c > 0xdfff) return c;
    if (c > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u') return 0;
    unsigned low = hex4(*p + 2);
    if (low < 0xdc00 || low > 0xdfff) return 0;
    *p += 6;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* Resolves the escape at *p (after the backslash) and moves *p past it. 0 as in unicode_escape. */
static unsigned resolve_escape(const char **p, const char *end) {
    char c = *(*p)++;
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        return unicode_escape(p, end);
    default:
        return (unsigned char)c;
    }
}

bool json_unescape(const struct json_value *value, uint32_t node, struct buf *into) {
    const struct json_node *n = &value->nodes[node];
    const char *p = value->text + n->start;
    const char *end = value->text + n->end;
    while (p < end) {
        const char *plain = memchr(p, '\\', (size_t)(end - p));
        if (!plain) plain = end;
        buf_put(into, p, (size_t)(plain - p));
        p = plain;
        if (p == end) break;
        p++;
        unsigned c = resolve_escape(&p, end);
        if (c == 0) return false;
        char utf8[4];
        buf_put(into, utf8, encode_utf8(c, utf8));
    }
    return true;
}

bool json_equals(const struct json_value *value, uint32_t node, const char *text) {
    const struct json_node *n = &value->nodes[node];
    size_t len = strlen(text);
    if (!n->escaped)
        return n->end - n->start == len && memcmp(value->text + n->start, text, len) == 0;
    /* An escape is at least as long as its character, and at most six times as long. */
    if (n->end - n->start > 6 * len) return false;
    struct buf plain;
    buf_init(&plain, 6 * len);
    bool equal = json_unescape(value, node, &plain) && plain.len == len &&
                 memcmp(buf_text(&plain), text, len) == 0;
    buf_free(&plain);
    return equal;
}

uint32_t json_child_count(const struct json_value *value, uint32_t node) {
    uint32_t count = 0;
    for (uint32_t i = node + 1; i < value->nodes[node].next; i = value->nodes[i].next) count++;
    return count;
}

uint32_t json_member(const struct json_value *value, uint32_t node, const char *name) {
    const struct json_node *nodes = value->nodes;
    uint32_t found = 0;
    if (nodes[node].type != JSON_OBJECT) return 0;
    for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next) {
        if (json_equals(value, key, name)) found = key + 1;
    }
    return found;
}

bool json_part(const struct json_value *value, uint32_t node, struct buf *nodes,
               struct json_value *part) {
    uint32_t end = value->nodes[node].next;
    uint32_t start = (uint32_t)(json_raw(value, node).data - value->text);
    *part = (struct json_value){
        .text = value->text + start,
        .decimals = value->decimals ? value->decimals + node : NULL,
        .count = end - node,
        .offset = value->offset + start,
    };
    buf_reset(nodes);
    for (uint32_t i = node; i < end; i++) {
        struct json_node copy = value->nodes[i];
        copy.start -= start;
        copy.end -= start;
        copy.next -= node;
        if (copy.type == JSON_NON_FINITE) part->non_finite = true;
        buf_put(nodes, &copy, sizeof copy);
    }
    const void *data = nodes->data;
    part->nodes = data;
    return !nodes->failed;
}
