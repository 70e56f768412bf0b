/*
 * Collects the outcomes of the files of an upload and answers the client: with a document, with a
 * problem, or by leading to the page of the import. Failures are recorded in the history.
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
    const char *dataset; /* name or id; "" if not known yet */
    const char *run;     /* of the current file; NULL: a ground truth; "": not known yet */
    const char *filename;
    bool dry_run;
    bool leads_to_page;            /* answer with a redirect to the page of the import */
    size_t imported;               /* number of files */
    struct import_outcome outcome; /* of the current file */
    struct buf documents;          /* of imported files: JSON, separated by commas */
    struct buf names;              /* of their runs: a, b */
    struct buf quoted_names;       /* "a", "b" */
    struct buf evaluations;        /* of these runs: JSON, separated by commas; or empty */
};

/* Initializes the results; the caller sets the other members. Call upload_report_free
 * afterwards. */
void upload_report_init(struct upload_report *report);
void upload_report_free(struct upload_report *report);

/* Starts with a file, which must outlive the report or the next call. */
void upload_report_begin(struct upload_report *report, const struct upload_file *file);

/* Records that the current file was imported; `outcome` is set. */
void upload_report_imported(struct upload_report *report);

/* Evaluates all runs that were imported, if the request asks for it. */
void upload_report_evaluate(struct upload_report *report);

/* True if there may be something to analyze or collect. */
bool upload_report_has_begun(const struct upload_report *report);

/* Answer the request after all files have been imported, or after one has failed. */
void upload_report_answer(struct upload_report *report);
void upload_report_answer_error(struct upload_report *report, const struct err *err);

#endif
