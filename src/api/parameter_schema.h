/* Describes a parameter as JSON Schema (2020-12). */
#ifndef PGCOCO_API_PARAMETER_SCHEMA_H
#define PGCOCO_API_PARAMETER_SCHEMA_H

#include "api/parameters.h"
#include "base/buf.h"

/* Writes the schema of its values. Every value that it allows is one that parameter_parse accepts;
 * of those of PARAMETER_LIST it says less than the handler checks. */
void parameter_write_schema(const struct parameter *parameter, struct buf *into);

/* True if several values stand in it with commas between them. */
bool parameter_is_list(const struct parameter *parameter);

#endif
