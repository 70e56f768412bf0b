/* The elements of a results file: rows, or objects that hold the rows of one image each. */
#ifndef PGCOCO_IMPORT_ELEMENTS_H
#define PGCOCO_IMPORT_ELEMENTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "import/run_rows.h"
#include "json/document.h"
#include "json/value.h"

struct elements {
    struct run_rows *rows;
    bool nested;      /* an element held the rows of an image */
    struct buf nodes; /* of such a row */
};

/* rows must outlive the elements. Call elements_free in any case. */
void elements_init(struct elements *elements, struct run_rows *rows);
void elements_free(struct elements *elements);

/* Loads the rest of the array, or of the lines, that the document has entered, or as much of it as
 * the copy takes. The functions return false if the load has failed. */
bool elements_load(struct elements *elements, struct err *err);

/* Loads one element. */
bool elements_add(struct elements *elements, const struct json_value *element, struct err *err);

/* Refuses an object with rows in two members; returns false. */
bool elements_refuse_two_lists(const struct document *document, const char *first,
                               const char *second, struct err *err);

#endif
