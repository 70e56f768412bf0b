/* The names of an object's members: see members.h. */
#include "coco/members.h"

#include <stdio.h>
#include <string.h>

#include "base/shown.h"

enum {
    NAME_ROOM = 28, /* bytes of one name, with the NUL */
    DOTS_ROOM = 6   /* bytes of ", ..." and the NUL */
};

void members_add(struct members *members, const struct json_value *value, uint32_t key) {
    const struct json_node *node = &value->nodes[key];
    struct slice raw = {value->text + node->start, node->end - node->start};
    char name[NAME_ROOM];
    if (members->full) return;
    size_t len = strlen(shown_in(raw, name, sizeof name));
    const char *comma = members->len > 0 ? ", " : "";
    char *end = members->text + members->len;
    members->full = members->len + len + 4 + DOTS_ROOM > sizeof members->text;
    size_t room = sizeof members->text - members->len;
    int put = members->full ? snprintf(end, room, "%s...", comma)
                            : snprintf(end, room, "%s\"%s\"", comma, name);
    members->len += (size_t)put;
}

struct members members_of(const struct json_value *object) {
    struct members members = {.len = 0};
    const struct json_node *nodes = object->nodes;
    if (nodes[0].type != JSON_OBJECT) return members;
    for (uint32_t key = 1; key < nodes[0].next && !members.full; key = nodes[key + 1].next) {
        members_add(&members, object, key);
    }
    return members;
}

const char *members_text(const struct members *members) {
    return members->len > 0 ? members->text : "no members";
}
