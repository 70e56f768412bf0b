/* An object made of single members: see made_object.h. */
#include "import/made_object.h"

#include <string.h>

static void count_nodes(struct made_object *made, uint32_t count) {
    made->nodes[0] =
        (struct json_node){.end = (uint32_t)made->text.len, .next = count, .type = JSON_OBJECT};
    made->object =
        (struct json_value){.text = buf_text(&made->text), .nodes = made->nodes, .count = count};
}

void made_object_init(struct made_object *made, size_t max) {
    buf_init(&made->text, max);
    count_nodes(made, 1);
}

void made_object_free(struct made_object *made) {
    buf_free(&made->text);
}

void made_object_reset(struct made_object *made) {
    buf_reset(&made->text);
    count_nodes(made, 1);
}

bool made_object_is_empty(const struct made_object *made) {
    return made->object.count == 1;
}

/* Appends a text in quotes or a number, with the node of it. */
static void put(struct made_object *made, uint32_t index, struct slice raw, enum json_type type,
                bool escaped) {
    uint32_t quote = type == JSON_STRING;
    uint32_t start = (uint32_t)made->text.len + quote;
    made->nodes[index] = (struct json_node){.start = start,
                                            .end = start + (uint32_t)raw.len - 2 * quote,
                                            .next = index + 1,
                                            .type = (uint8_t)type,
                                            .escaped = escaped};
    buf_put(&made->text, raw.data, raw.len);
    buf_put_char(&made->text, ' '); /* ends a number */
}

bool made_object_add(struct made_object *made, const char *name, const struct json_value *value) {
    const struct json_node *node = &value->nodes[0];
    uint32_t next = made->object.count;
    bool simple = node->type == JSON_STRING || node->type == JSON_NUMBER;
    if (!simple || next > 2 * (MADE_OBJECT_MEMBERS - 1) + 1) return true;
    struct slice plain = {name, strlen(name)};
    put(made, next, plain, JSON_NUMBER, false);
    made->nodes[next].type = JSON_STRING; /* a key; its quotes are not needed */
    put(made, next + 1, json_raw(value, 0), node->type, node->escaped);
    count_nodes(made, next + 2);
    return !made->text.failed;
}
