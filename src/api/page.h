/* Pages for browsers without JavaScript. All text in them is escaped. */
#ifndef PGCOCO_API_PAGE_H
#define PGCOCO_API_PAGE_H

#include <stddef.h>

#include "base/buf.h"

/* A whole page that shows a JSON document: an object as a table, a list of objects as a table. */
void page_of_document(const char *title, const char *json, size_t len, struct buf *into);

/* The beginning and the end of every page. */
void page_begin(const char *title, struct buf *into);
void page_end(struct buf *into);

/* A JSON document as HTML. */
void page_json(const char *json, size_t len, struct buf *into);

/* Text between tags or inside a quoted attribute. */
void page_text(const char *text, size_t len, struct buf *into);

#endif
