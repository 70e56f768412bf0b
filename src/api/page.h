/* Renders pages for browsers, without JavaScript. All text is escaped. */
#ifndef PGCOCO_API_PAGE_H
#define PGCOCO_API_PAGE_H

#include <stddef.h>

#include "base/buf.h"

/* Writes a whole page that shows a JSON document. Objects, and lists of objects, become tables. Of
 * a document that is too large for a page (512 KiB, or 1 MiB of HTML), the page has the beginning,
 * and says so. */
void page_of_document(const char *title, const char *json, size_t len, struct buf *into);

/* Write the beginning and the end of a page. */
void page_begin(const char *title, struct buf *into);
void page_end(struct buf *into);

/* Writes a JSON document as HTML, with the same limits. */
void page_json(const char *json, size_t len, struct buf *into);

/* Writes text between tags or inside of a quoted attribute. */
void page_text(const char *text, size_t len, struct buf *into);

#endif
