/*
 * What becomes of an upload, file by file, and what its client is told: a document, a problem, or
 * the way to the page of the import. Failures go into the history of imports.
 */
#ifndef PGCOCO_API_UPLOAD_REPORT_H
#define PGCOCO_API_UPLOAD_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "api/exchange.h"
#include "api/upload_source.h"
#include "base/buf.h"
#include "base/err.h"
#include "import/import.h"

struct upload_report {
    struct exchange *x;
    const char *token;   /* of the import */
    const char *dataset; /* name or id; "" as long as it is not known */
    const char *run;     /* of the present file; NULL: a ground truth; "": not known yet */
    const char *filename;
    bool dry_run;
    bool leads_to_page;            /* the answer sends the browser to the page of the import */
    size_t imported;               /* files */
    struct import_outcome outcome; /* of the present file */
    struct buf documents;          /* of all files that were imported: JSON, separated by commas */
    struct buf names;              /* of their runs: a, b */
    struct buf quoted_names;       /* "a", "b" */
};

/* Sets the results; the caller has set the rest. upload_report_free must be called. */
void upload_report_init(struct upload_report *report);
void upload_report_free(struct upload_report *report);

/* Begins with a file, which must outlive the report or the next call. */
void upload_report_begin(struct upload_report *report, const struct upload_file *file);

/* Takes note of a file that has been imported: its outcome is set. */
void upload_report_imported(struct upload_report *report);

/* Whether there may be something to analyze or to collect. */
bool upload_report_has_begun(const struct upload_report *report);

/* Answers the request: all files have been imported, or one has failed. */
void upload_report_answer(struct upload_report *report);
void upload_report_answer_error(struct upload_report *report, const struct err *err);

#endif
