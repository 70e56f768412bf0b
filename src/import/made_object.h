/* An object made of members that were read one by one: what is around the rows of an image, where
 * that is not one JSON value. */
#ifndef PGCOCO_IMPORT_MADE_OBJECT_H
#define PGCOCO_IMPORT_MADE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "json/value.h"

enum {
    MADE_OBJECT_MEMBERS = 2
};

struct made_object {
    struct buf text;
    struct json_node nodes[1 + 2 * MADE_OBJECT_MEMBERS];
    struct json_value object; /* points into the other two; must not move */
};

/* max: bytes of the texts that are added. Call made_object_free in any case. */
void made_object_init(struct made_object *made, size_t max);
void made_object_free(struct made_object *made);

/* Drops the members. */
void made_object_reset(struct made_object *made);

bool made_object_is_empty(const struct made_object *made);

/* Adds a member with a copy of this value, if it is a string or a number and not more than
 * MADE_OBJECT_MEMBERS were added. False if memory ran out. */
bool made_object_add(struct made_object *made, const char *name, const struct json_value *value);

#endif
