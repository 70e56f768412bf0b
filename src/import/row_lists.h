/* Where the rows of a results file lie if the file is not simply an array of them: in a member of
 * an object, which may be the whole file or what is known about one image. */
#ifndef PGCOCO_IMPORT_ROW_LISTS_H
#define PGCOCO_IMPORT_ROW_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "json/value.h"

/* Returns the name if this key is one under which tools write rows: "annotations", "predictions",
 * "results" or "detections"; else NULL. The text is constant. */
const char *row_lists_name(const struct json_value *value, uint32_t key);

/* The rows of one image, in an element of the file. */
struct image_rows {
    uint32_t list;      /* the array; or null, which is no rows */
    const char *name;   /* of the member */
    const char *second; /* of another member that holds rows, too; NULL if there is none */
};

/* True if this element is not a row but an object that holds the rows of an image. */
bool row_lists_find_image(const struct json_value *element, struct image_rows *found);

/* True if this value, an element of an array, looks like a row of a results file. */
bool row_lists_is_row(const struct json_value *element);

/* What the outermost object of a file is. */
enum outermost {
    OUTERMOST_LINE, /* the first of JSON Lines */
    OUTERMOST_WHOLE /* the file: its rows are in its members */
};

/* Tells what an outermost object is. more: another one follows it. */
enum outermost row_lists_outermost(const struct json_value *object, bool more);

#endif
