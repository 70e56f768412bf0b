/* Writes JSON into a buffer, for documents that do not come from the database. */
#ifndef PGCOCO_JSON_WRITER_H
#define PGCOCO_JSON_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends a string with its quotes; `text` must be UTF-8. */
void json_write_string(struct buf *into, const char *text, size_t len);

/* Like json_write_string, for a C string. */
void json_write_text(struct buf *into, const char *text);

/* Appends a number that reads back as the same double (json/shortest); null if it is not finite,
 * for which JSON has no number. */
void json_write_double(struct buf *into, double value);

void json_write_count(struct buf *into, uint64_t value);

#endif
