/* An object made of members that were read one by one: what is around the rows of an image, where
 * that is not one JSON value. */
#ifndef PGCOCO_IMPORT_AROUND_H
#define PGCOCO_IMPORT_AROUND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "json/value.h"

enum {
    AROUND_MEMBERS = 2
};

struct around {
    struct buf text;
    struct json_node nodes[1 + 2 * AROUND_MEMBERS];
    struct json_value object; /* points into the other two; must not move */
};

/* max: bytes of the texts that are added. Call around_free in any case. */
void around_init(struct around *around, size_t max);
void around_free(struct around *around);

/* Drops the members. */
void around_reset(struct around *around);

bool around_is_empty(const struct around *around);

/* Adds a member with a copy of this value, if it is a string or a number and not more than
 * AROUND_MEMBERS were added. False if memory ran out. */
bool around_add(struct around *around, const char *name, const struct json_value *value);

#endif
