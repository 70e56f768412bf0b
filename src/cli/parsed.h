/* A document of the database as one JSON value, for commands that print parts of it. */
#ifndef PGCOCO_CLI_PARSED_H
#define PGCOCO_CLI_PARSED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text_source.h"
#include "json/document.h"
#include "json/value.h"

struct parsed {
    struct text_source source;
    struct document document;
    struct json_value value;
};

/* The text must outlive *parsed, which must not move. False if it is no JSON. Call parsed_close in
 * any case. */
bool parsed_open(struct parsed *parsed, struct buf *text);
void parsed_close(struct parsed *parsed);

/* The number of a node; -1 if it is none. */
double parsed_number(const struct json_value *value, uint32_t node);

#endif
