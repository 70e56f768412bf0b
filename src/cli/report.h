/* Prints the outcome of a command in words: documents of the database, and errors. */
#ifndef PGCOCO_CLI_REPORT_H
#define PGCOCO_CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/* Print the outcome of an import. document: from import_run or
 * import_ground_truth. note: printed after it in parentheses; NULL for none. */
void report_run(struct buf *document, bool dry_run, FILE *out);
void report_dataset(struct buf *document, bool dry_run, const char *note, FILE *out);

/* Prints text from outside, with ? for characters that could control a terminal. */
void report_text(const char *text, size_t len, FILE *out);

/* Prints on standard error why `what` (a file, a dataset, ...) was refused, and where. skips: JSON
 * of the rows skipped until then; "" for none. */
void report_error(const char *what, const struct err *err, const char *skips);

#endif
