/* Renders pages: see page.h. */
#include "api/page.h"

#include <string.h>

#include "base/text_source.h"
#include "json/document.h"

enum {
    PAGE_DOCUMENT_MAX = 512 * 1024, /* bytes of a document that is rendered */
    PAGE_SHOWN_MAX = 1024 * 1024,   /* ... of what it becomes */
    PAGE_BEGINNING = 64 * 1024      /* ... of a larger one that are shown as text */
};

void page_text(const char *text, size_t len, struct buf *into) {
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '<':
            buf_put_text(into, "&lt;");
            break;
        case '>':
            buf_put_text(into, "&gt;");
            break;
        case '&':
            buf_put_text(into, "&amp;");
            break;
        case '"':
            buf_put_text(into, "&quot;");
            break;
        case '\'':
            buf_put_text(into, "&#39;");
            break;
        default:
            buf_put_char(into, text[i]);
        }
    }
}

void page_begin(const char *title, struct buf *into) {
    buf_put_text(into, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    page_text(title, strlen(title), into);
    buf_put_text(into, " – pgcoco</title>\n<style>\n"
                       "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
                       "padding:0 1rem;color:#222;overflow-wrap:anywhere}\n"
                       "table{border-collapse:collapse;margin:.3rem 0}\n"
                       "th,td{border:1px solid #ccc;padding:.2rem .6rem;text-align:left;"
                       "vertical-align:top}\nth{background:#f4f4f4;white-space:nowrap}\n"
                       "form{border:1px solid #ccc;padding:1rem;margin:1rem 0}\n"
                       "label{display:block;margin:.5rem 0}\nsmall{color:#555}\n"
                       ".message{font-size:1.2rem}\n"
                       "pre{background:#f4f4f4;padding:.5rem;white-space:pre-wrap}\n"
                       "summary{cursor:pointer}\n"
                       "dd{margin:0 0 .5rem 1.5rem}\nsection{border-top:1px solid #ccc}\n"
                       "</style>\n</head>\n<body>\n<p><a href=\"/\">pgcoco</a></p>\n<h1>");
    page_text(title, strlen(title), into);
    buf_put_text(into, "</h1>\n");
}

void page_end(struct buf *into) {
    buf_put_text(into, "</body>\n</html>\n");
}

/* ---- a JSON value as HTML ---------------------------------------------------------------- */

static void put_string(const struct json_value *value, uint32_t node, struct buf *into) {
    struct buf plain;
    buf_init(&plain, value->nodes[node].end - value->nodes[node].start);
    if (json_unescape(value, node, &plain)) {
        page_text(buf_text(&plain), plain.len, into);
    } else {
        struct slice raw = json_raw(value, node);
        page_text(raw.data, raw.len, into);
    }
    buf_free(&plain);
}

static void put_node(const struct json_value *value, uint32_t node, struct buf *into);

static void put_object(const struct json_value *value, uint32_t node, struct buf *into) {
    const struct json_node *nodes = value->nodes;
    buf_put_text(into, "<table>\n");
    for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next) {
        buf_put_text(into, "<tr><th>");
        put_string(value, key, into);
        buf_put_text(into, "</th><td>");
        put_node(value, key + 1, into);
        buf_put_text(into, "</td></tr>\n");
    }
    buf_put_text(into, "</table>\n");
}

/* True if two objects have the same keys in the same order. */
static bool same_keys(const struct json_value *value, uint32_t a, uint32_t b) {
    const struct json_node *nodes = value->nodes;
    uint32_t i = a + 1;
    uint32_t j = b + 1;
    for (; i < nodes[a].next && j < nodes[b].next; i = nodes[i + 1].next, j = nodes[j + 1].next) {
        struct slice x = json_raw(value, i);
        struct slice y = json_raw(value, j);
        if (x.len != y.len || memcmp(x.data, y.data, x.len) != 0) return false;
    }
    return i >= nodes[a].next && j >= nodes[b].next;
}

/* True if a list can be shown as one table: objects with the same few keys. */
static bool is_table(const struct json_value *value, uint32_t node) {
    enum {
        COLUMNS_MAX = 8
    };
    const struct json_node *nodes = value->nodes;
    if (nodes[node].next > node + 1 && json_child_count(value, node + 1) > 2 * COLUMNS_MAX) {
        return false;
    }
    for (uint32_t item = node + 1; item < nodes[node].next; item = nodes[item].next) {
        if (nodes[item].type != JSON_OBJECT || !same_keys(value, node + 1, item)) return false;
    }
    return nodes[node].next > node + 1;
}

/* Writes one row with the keys (offset 0) or the values (offset 1) of an object. */
static void put_row(const struct json_value *value, uint32_t object, uint32_t offset,
                    struct buf *into) {
    const struct json_node *nodes = value->nodes;
    buf_put_text(into, "<tr>");
    for (uint32_t key = object + 1; key < nodes[object].next; key = nodes[key + 1].next) {
        buf_put_text(into, offset ? "<td>" : "<th>");
        put_node(value, key + offset, into);
        buf_put_text(into, offset ? "</td>" : "</th>");
    }
    buf_put_text(into, "</tr>\n");
}

static void put_table(const struct json_value *value, uint32_t node, struct buf *into) {
    const struct json_node *nodes = value->nodes;
    buf_put_text(into, "<table>\n");
    put_row(value, node + 1, 0, into);
    for (uint32_t item = node + 1; item < nodes[node].next; item = nodes[item].next) {
        put_row(value, item, 1, into);
    }
    buf_put_text(into, "</table>\n");
}

static void put_list(const struct json_value *value, uint32_t node, struct buf *into) {
    const struct json_node *nodes = value->nodes;
    for (uint32_t item = node + 1; item < nodes[node].next; item = nodes[item].next) {
        bool plain = nodes[item].type != JSON_OBJECT && nodes[item].type != JSON_ARRAY;
        put_node(value, item, into);
        if (plain && nodes[item].next < nodes[node].next) buf_put_text(into, ", ");
    }
}

static void put_node(const struct json_value *value, uint32_t node, struct buf *into) {
    struct slice raw = json_raw(value, node);
    switch ((enum json_type)value->nodes[node].type) {
    case JSON_OBJECT:
        put_object(value, node, into);
        break;
    case JSON_ARRAY:
        (is_table(value, node) ? put_table : put_list)(value, node, into);
        break;
    case JSON_STRING:
        put_string(value, node, into);
        break;
    case JSON_NULL:
        break;
    default:
        page_text(raw.data, raw.len, into);
    }
}

/* Returns the value of a member of an object; 0 if there is none. */
static uint32_t find_member(const struct json_value *value, uint32_t object, const char *name) {
    const struct json_node *nodes = value->nodes;
    if (nodes[object].type != JSON_OBJECT) return 0;
    for (uint32_t key = object + 1; key < nodes[object].next; key = nodes[key + 1].next) {
        if (json_equals(value, key, name)) return key + 1;
    }
    return 0;
}

/* Writes where in the file a problem is, if that is known. */
static void put_place(const struct json_value *value, uint32_t problem, struct buf *into) {
    uint32_t line = find_member(value, problem, "line");
    uint32_t column = find_member(value, problem, "column");
    if (!line || !column) return;
    buf_put_text(into, " (line ");
    put_node(value, line, into);
    buf_put_text(into, ", column ");
    put_node(value, column, into);
    buf_put_char(into, ')');
}

/* Shows the most important text first: the message of an import or the detail of a problem, from
 * the document itself or its outcome. */
static void put_message(const struct json_value *value, struct buf *into) {
    static const char *const names[] = {"message", "detail"};
    uint32_t outcome = find_member(value, 0, "outcome");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t text = find_member(value, 0, names[i]);
        if (!text && outcome) text = find_member(value, outcome, names[i]);
        if (!text || value->nodes[text].type != JSON_STRING) continue;
        buf_put_text(into, "<p class=\"message\">");
        put_string(value, text, into);
        put_place(value, find_member(value, 0, names[i]) ? 0 : outcome, into);
        buf_put_text(into, "</p>\n");
        return;
    }
}

/* ---- a document from memory -------------------------------------------------------------- */

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Shows the beginning of a document that is too large for a page, as text. */
static void put_beginning(const char *json, size_t len, struct buf *into) {
    size_t shown = len < PAGE_BEGINNING ? len : PAGE_BEGINNING;
    while (shown > 0 && shown < len && is_continuation(json[shown])) shown--;
    buf_printf(into,
               "<p class=\"message\">This document has %zu bytes, which are too many for a page: "
               "here are the first %zu. All of it comes as JSON: curl -H \"Accept: "
               "application/json\" and this address.</p>\n<pre>",
               len, shown);
    page_text(json, shown, into);
    buf_put_text(into, "</pre>\n");
}

/* Renders a document, with its message in front if with_message is set. False if it cannot be
 * parsed within the limits. */
static bool render(const char *json, size_t len, bool with_message, struct buf *into) {
    struct text_source source;
    struct document document;
    struct json_value value;
    struct err err;
    text_source_init(&source, json, len);
    bool good = document_open(&document, &source.reader, &json_default_limits, &err) &&
                document_value(&document, &value, &err);
    if (good && with_message) put_message(&value, into);
    if (good) put_node(&value, 0, into);
    document_close(&document);
    return good && !into->failed;
}

static void put_document(const char *json, size_t len, bool with_message, struct buf *into) {
    struct buf shown;
    buf_init(&shown, PAGE_SHOWN_MAX);
    if (len <= PAGE_DOCUMENT_MAX && render(json, len, with_message, &shown)) {
        buf_put(into, buf_text(&shown), shown.len);
    } else {
        put_beginning(json, len, into);
    }
    buf_free(&shown);
}

void page_json(const char *json, size_t len, struct buf *into) {
    put_document(json, len, false, into);
}

void page_of_document(const char *title, const char *json, size_t len, struct buf *into) {
    page_begin(title, into);
    put_document(json, len, true, into);
    page_end(into);
}
