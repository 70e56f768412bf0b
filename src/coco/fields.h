/*
 * The fields of one COCO object (an annotation, an image, a category): the known ones by number,
 * the unknown ones kept as they came.
 */
#ifndef PGCOCO_COCO_FIELDS_H
#define PGCOCO_COCO_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "coco/skip.h"
#include "json/value.h"

enum {
    FIELDS_MAX = 16
};

struct field_name {
    const char *text;
    size_t len;
    bool kept; /* among the unknown members, too: it says nothing that the other fields keep */
};

#define FIELD(name) \
    { name, sizeof(name) - 1, false }
#define KEPT_FIELD(name) \
    { name, sizeof(name) - 1, true }

struct fields {
    const struct json_value *object;
    const struct field_name *names;
    uint32_t node[FIELDS_MAX]; /* the value of each name; 0 (never a value) when it is not there */
};

/* Sorts the members of an object into fields; of a key that comes twice the last wins, as in
 * Python's json. Unknown members are appended to `extra` as one JSON object, their text as it came;
 * nothing is appended when there are none. Skips the row as wrong_type when it is no object, as
 * non_finite when NaN or Infinity is anywhere in it (PostgreSQL's json would refuse it, and with it the
 * whole load). count <= FIELDS_MAX. object and names must outlive *fields. */
bool fields_read(struct fields *fields, const struct json_value *object,
                 const struct field_name *names, size_t count, struct buf *extra,
                 struct skip *skip);

/* Whether a field is there and is not null. Asked many times of every row, hence here. */
static inline bool fields_has(const struct fields *fields, size_t field) {
    uint32_t node = fields->node[field];
    return node != 0 && fields->object->nodes[node].type != JSON_NULL;
}

/* A field's text as it came; data NULL when it is missing or null. */
struct slice fields_raw(const struct fields *fields, size_t field);

/* Read a field that must be there: missing_field, wrong_type, non_finite or out_of_range if not. */
bool fields_int64(const struct fields *fields, size_t field, int64_t *out, struct skip *skip);
bool fields_int32(const struct fields *fields, size_t field, int32_t *out, struct skip *skip);
bool fields_double(const struct fields *fields, size_t field, double *out, struct skip *skip);

bool fields_is_text(const struct fields *fields, size_t field);

/* Whether a field is a text that is no number: not made of digits only. */
bool fields_is_name(const struct fields *fields, size_t field);

/* The same as above of an id, which may also be a text of digits, as some tools write them. */
bool fields_id64(const struct fields *fields, size_t field, int64_t *out, struct skip *skip);
bool fields_id32(const struct fields *fields, size_t field, int32_t *out, struct skip *skip);

/* Appends a text field that must be there, its escapes resolved. wrong_type also for U+0000 and
 * lone surrogates, which no text column can hold. */
bool fields_text(const struct fields *fields, size_t field, struct buf *into, struct skip *skip);

#endif
