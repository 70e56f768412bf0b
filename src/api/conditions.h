/* How an upload wants to be imported, from its query string. */
#ifndef PGCOCO_API_CONDITIONS_H
#define PGCOCO_API_CONDITIONS_H

#include <stdbool.h>

#include "base/err.h"
#include "http/request.h"
#include "import/import.h"

/* dry_run=1, max_skipped=10 or 2.5%; of a run also category_offset=1, match=name. ERR_BAD_REQUEST for what makes no
 * sense, and for a parameter that no upload of this kind knows. */
bool conditions_read(const struct request *request, bool is_run,
                     struct import_conditions *conditions, struct err *err);

#endif
