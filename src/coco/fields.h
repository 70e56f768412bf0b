/*
 * The fields of one COCO object (an image, a category, an annotation): known ones by index, unknown
 * ones as one JSON object.
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

/* The longest names, in bytes of UTF-8. What compares names is then bounded, too. */
enum {
    FILE_NAME_MAX = 4096,
    CATEGORY_NAME_MAX = 1024
};

struct field_name {
    const char *text;
    size_t len;
    bool kept; /* goes into `extra` as well, because no column stores it */
};

#define FIELD(name) \
    { name, sizeof(name) - 1, false }
#define KEPT_FIELD(name) \
    { name, sizeof(name) - 1, true }

struct fields {
    const struct json_value *object;
    const struct field_name *names;
    uint32_t node[FIELDS_MAX]; /* the value of each name; 0 (the object itself) if missing */
};

/* Sorts the members of an object into fields. If a key is repeated, the last one wins, as in
 * Python's json. Unknown members are appended to `extra` as one JSON object, verbatim; nothing is
 * appended if there are none. Fills *skip and returns false if the value is not an object
 * (wrong_type), or holds NaN or Infinity anywhere (non_finite): PostgreSQL's json would refuse it
 * and end the COPY. count <= FIELDS_MAX. object and names must outlive *fields. */
bool fields_read(struct fields *fields, const struct json_value *object,
                 const struct field_name *names, size_t count, struct buf *extra,
                 struct skip *skip);

/* True if a field is present and not null. Inline because it is called many times per row. */
static inline bool fields_has(const struct fields *fields, size_t field) {
    uint32_t node = fields->node[field];
    return node != 0 && fields->object->nodes[node].type != JSON_NULL;
}

/* True if a field is present, and neither null nor an empty list, which some tools write for
 * nothing. */
bool fields_has_content(const struct fields *fields, size_t field);

/* Returns the JSON of a field as in the file; data is NULL if it is missing or null. */
struct slice fields_raw(const struct fields *fields, size_t field);

/* Skips the row because it lacks a required field, or this is null or an empty list. Fills *skip
 * (missing_field), whose detail names the members that there are; returns false. */
bool fields_missing(const struct fields *fields, size_t field, struct skip *skip);

/* Read a required number, which may be written as a text (coco/numeral.h). On failure they fill
 * *skip (missing_field, wrong_type, non_finite or out_of_range) and return false. */
bool fields_int64(const struct fields *fields, size_t field, int64_t *out, struct skip *skip);
bool fields_int32(const struct fields *fields, size_t field, int32_t *out, struct skip *skip);
bool fields_double(const struct fields *fields, size_t field, double *out, struct skip *skip);

bool fields_is_text(const struct fields *fields, size_t field);

/* True if a field is a string that is not a number: between white space at its ends it has anything
 * but digits, nothing, or more digits than fit 64 bits. */
bool fields_is_name(const struct fields *fields, size_t field);

/* Reads 0, 1, false or true, which may be written as texts ("1", "True"). A missing field or null
 * is false. On failure fills *skip (wrong_type, non_finite or out_of_range) and returns false. */
bool fields_flag(const struct fields *fields, size_t field, bool *out, struct skip *skip);

/* Appends a required string field, unescaped. On failure fills *skip and returns false:
 * missing_field; wrong_type also for U+0000 and lone surrogates, which PostgreSQL's text cannot
 * hold. */
bool fields_text(const struct fields *fields, size_t field, struct buf *into, struct skip *skip);

/* False, with *skip filled (name_too_long), if a name has more bytes than it may. what: what the
 * message calls it. */
bool fields_name_fits(struct slice name, size_t max, const char *what, struct skip *skip);

#endif
