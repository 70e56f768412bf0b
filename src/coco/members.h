/* The names of an object's members, for a message about an object that is not what it should be. */
#ifndef PGCOCO_COCO_MEMBERS_H
#define PGCOCO_COCO_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/value.h"

/* "image_id", "caption", ...: each name in quotes, made printable and cut; those that find no room
 * are dots. Start with {0}. */
struct members {
    char text[100];
    size_t len;
    bool full;
};

/* Adds the key at this node. */
void members_add(struct members *members, const struct json_value *value, uint32_t key);

/* Collects the members of an object. */
struct members members_of(const struct json_value *object);

/* Returns the names; "no members" if there are none. */
const char *members_text(const struct members *members);

#endif
