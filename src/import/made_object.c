/* What is around the rows of an image: see around.h. */
#include "import/around.h"

#include <string.h>

static void count_nodes(struct around *around, uint32_t count) {
    around->nodes[0] =
        (struct json_node){.end = (uint32_t)around->text.len, .next = count, .type = JSON_OBJECT};
    around->object = (struct json_value){
        .text = buf_text(&around->text), .nodes = around->nodes, .count = count};
}

void around_init(struct around *around, size_t max) {
    buf_init(&around->text, max);
    count_nodes(around, 1);
}

void around_free(struct around *around) {
    buf_free(&around->text);
}

void around_reset(struct around *around) {
    buf_reset(&around->text);
    count_nodes(around, 1);
}

bool around_is_empty(const struct around *around) {
    return around->object.count == 1;
}

/* Appends a text in quotes or a number, with the node of it. */
static void put(struct around *around, uint32_t index, struct slice raw, enum json_type type,
                bool escaped) {
    uint32_t quote = type == JSON_STRING;
    uint32_t start = (uint32_t)around->text.len + quote;
    around->nodes[index] = (struct json_node){.start = start,
                                              .end = start + (uint32_t)raw.len - 2 * quote,
                                              .next = index + 1,
                                              .type = (uint8_t)type,
                                              .escaped = escaped};
    buf_put(&around->text, raw.data, raw.len);
    buf_put_char(&around->text, ' '); /* ends a number */
}

bool around_add(struct around *around, const char *name, const struct json_value *value) {
    const struct json_node *node = &value->nodes[0];
    uint32_t next = around->object.count;
    bool simple = node->type == JSON_STRING || node->type == JSON_NUMBER;
    if (!simple || next > 2 * (AROUND_MEMBERS - 1) + 1) return true;
    struct slice plain = {name, strlen(name)};
    put(around, next, plain, JSON_NUMBER, false);
    around->nodes[next].type = JSON_STRING; /* a key; its quotes are not needed */
    put(around, next + 1, json_raw(value, 0), node->type, node->escaped);
    count_nodes(around, next + 2);
    return !around->text.failed;
}
