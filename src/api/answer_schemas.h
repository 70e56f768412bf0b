/* The files of schemas/, built into the program. */
#ifndef PGCOCO_API_ANSWER_SCHEMAS_H
#define PGCOCO_API_ANSWER_SCHEMAS_H

/* Members of a JSON object: the JSON Schema of each document by its name, with commas between them.
 * Written by tools/embed-schemas. */
extern const char answer_schemas[];

#endif
