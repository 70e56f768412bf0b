/* What came of a command, in words for a person: documents of the database, and errors. */
#ifndef PGCOCO_CLI_REPORT_H
#define PGCOCO_CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/* Prints the outcome of a run's import, or of a dataset's, on standard output. document: what
 * import_run or import_ground_truth gave. note: behind it in brackets, NULL for none. */
void report_run(struct buf *document, bool dry_run);
void report_dataset(struct buf *document, bool dry_run, const char *note);

/* Prints text from outside without what would move a terminal's cursor. */
void report_text(const char *text, size_t len, FILE *out);

/* Prints why what (a file, a dataset …) was refused, and where, on standard error. skips: JSON text
 * of what was skipped until then, "" for nothing. */
void report_error(const char *what, const struct err *err, const char *skips);

#endif
