/* Reports outcomes of uploads: see upload_report.h. */
#include "api/upload_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/evaluation.h"
#include "base/log.h"
#include "http/problem.h"
#include "import/run_name.h"
#include "import/token.h"
#include "json/utf8.h"
#include "json/writer.h"

enum {
    NAMES_MAX = UPLOAD_RUNS_MAX * (UPLOAD_NAME_ROOM + 4)
};

/* ---- the log ----------------------------------------------------------------------------- */

/* Returns "-" for unknown values, so that each line has the same fields. */
static const char *or_dash(const char *text) {
    return text && text[0] ? text : "-";
}

/* Logs the outcome of a file in one line. */
static void log_outcome(const struct upload_report *report, const char *word) {
    const struct import_outcome *outcome = &report->outcome;
    /* Names come last, because a refused name may look like the other fields. */
    log_info("import %s: %s rows=%" PRIu64 " skipped=%" PRIu64 " bytes=%" PRIu64
             " duration_ms=%" PRIu64 " client=%s dataset=%s run=%s",
             or_dash(report->token), word, outcome->rows, outcome->skipped, outcome->bytes,
             outcome->duration_ms, or_dash(request_variable(report->x->request, "REMOTE_ADDR")),
             or_dash(report->dataset), or_dash(report->run));
}

/* ---- file by file ------------------------------------------------------------------------ */

void upload_report_init(struct upload_report *report) {
    report->imported = 0;
    report->filename = "";
    import_outcome_init(&report->outcome);
    buf_init(&report->documents, ANSWER_MAX / 2);
    buf_init(&report->names, NAMES_MAX);
    buf_init(&report->quoted_names, NAMES_MAX);
    buf_init(&report->evaluations, ANSWER_MAX / 4);
}

void upload_report_free(struct upload_report *report) {
    import_outcome_free(&report->outcome);
    buf_free(&report->documents);
    buf_free(&report->names);
    buf_free(&report->quoted_names);
    buf_free(&report->evaluations);
}

void upload_report_begin(struct upload_report *report, const struct upload_file *file) {
    import_outcome_free(&report->outcome);
    import_outcome_init(&report->outcome);
    report->run = file->run;
    report->filename = file->filename;
}

void upload_report_imported(struct upload_report *report) {
    struct buf *document = &report->outcome.document;
    const char *name = report->run ? report->run : report->dataset;
    const char *comma = report->imported++ > 0 ? ", " : "";
    buf_put_text(&report->documents, comma);
    buf_put(&report->documents, buf_text(document), document->len);
    buf_printf(&report->names, "%s%s", comma, name);
    buf_printf(&report->quoted_names, "%s\"%s\"", comma, name);
    log_outcome(report, report->dry_run ? "dry_run" : "published");
}

bool upload_report_has_begun(const struct upload_report *report) {
    return report->imported > 0 || report->outcome.import_id[0] != '\0';
}

/* ---- evaluations ------------------------------------------------------------------------- */

static void evaluate(struct upload_report *report, const char *name, size_t len) {
    char run[RUN_NAME_ROOM];
    snprintf(run, sizeof run, "%.*s", (int)len, name);
    if (report->evaluations.len > 0) buf_put_text(&report->evaluations, ", ");
    evaluation_after_import(report->x, report->dataset, run, &report->evaluations);
}

void upload_report_evaluate(struct upload_report *report) {
    bool is_wanted = exchange_value(report->x, QUERY_EVALUATE)->is_given;
    if (!is_wanted || !report->run || report->dry_run) return;
    const char *name = buf_text(&report->names);
    while (*name) {
        size_t len = strcspn(name, ",");
        evaluate(report, name, len);
        name += len + strspn(name + len, ", ");
    }
}

/* Adds the evaluation of the only run, or those of all, as a member of the answer, which is
 * complete. Documents that are too large together are left out: they are stored. */
static void add_evaluations(struct upload_report *report, struct buf *document) {
    struct buf *evaluations = &report->evaluations;
    if (evaluations->len == 0 || document->len == 0) return;
    bool is_one = report->imported == 1;
    document->len--; /* the closing brace */
    buf_put_text(document, is_one ? ", \"evaluation\": " : ", \"evaluations\": [");
    buf_put(document, evaluations->data, evaluations->len);
    buf_put_text(document, is_one ? "}" : "]}");
}

/* ---- success ----------------------------------------------------------------------------- */

static void see_import(struct upload_report *report) {
    char location[sizeof "/imports/" + TOKEN_MAX];
    snprintf(location, sizeof location, "/imports/%s", report->token);
    answer_see_other(report->x, location);
}

/* Writes the document of the only file, or of several: {"runs": [documents], "message"}. */
static void write_document(struct upload_report *report) {
    struct buf *document = &report->outcome.document;
    if (report->imported < 2) return;
    buf_reset(document);
    buf_put_text(document, "{\"runs\": [");
    buf_put(document, buf_text(&report->documents), report->documents.len);
    buf_printf(document, "], \"message\": \"%s %zu files as the runs ",
               report->dry_run ? "would import" : "imported", report->imported);
    buf_put_text(document, buf_text(&report->names));
    buf_put_text(document, "\"}");
}

void upload_report_answer(struct upload_report *report) {
    struct buf *document = &report->outcome.document;
    char location[sizeof "/datasets/" + UPLOAD_NAME_ROOM];
    snprintf(location, sizeof location, "/datasets/%s", report->dataset);
    write_document(report);
    add_evaluations(report, document);
    if (report->dry_run) {
        answer_document(report->x, 200, "Dry run", document, NULL);
    } else if (report->leads_to_page) {
        see_import(report);
    } else if (report->outcome.created) {
        answer_document(report->x, 201, "Dataset added", document, location);
    } else {
        answer_document(report->x, 200, "Imported", document, NULL);
    }
}

/* ---- failure ----------------------------------------------------------------------------- */

/* Writes a file name as sent; if it is not UTF-8, with ? for bytes that are not ASCII. */
static void write_filename(const char *filename, struct buf *into) {
    struct buf plain;
    struct utf8 state = {0};
    size_t len = strlen(filename);
    bool good = utf8_check(&state, filename, len) == len && state.missing == 0;
    buf_init(&plain, len);
    for (size_t i = 0; i < len; i++) {
        bool shown = good || (unsigned char)filename[i] < 0x80;
        buf_put(&plain, shown ? &filename[i] : "?", 1);
    }
    json_write_string(into, buf_text(&plain), plain.len);
    buf_free(&plain);
}

/* Writes further members of the problem: what runs would lose; and if earlier files were imported,
 * the file that failed, and the runs that are published. */
static void write_more(struct upload_report *report, struct buf *into) {
    if (report->outcome.losses.len > 0) {
        buf_put_text(into, ", \"runs\": ");
        buf_put_text(into, buf_text(&report->outcome.losses));
    }
    if (report->imported == 0) return;
    buf_put_text(into, ", \"file\": ");
    write_filename(report->filename, into);
    buf_printf(into, ", \"published\": [%s]",
               report->dry_run ? "" : buf_text(&report->quoted_names));
}

/* Records the problem in the history. False if that fails; the token then finds nothing. */
static bool record_problem(struct upload_report *report, struct buf *problem) {
    struct err err;
    struct import_target target = {
        .token = report->token, .dataset = report->dataset, .run = report->run};
    struct pool *pool = report->x->service->short_pool;
    struct db *db = pool_take(pool, SHORT_WAIT_MS, &err);
    if (!db) return false;
    bool good = import_record_failure(db, &target, &report->outcome, buf_text(problem), &err);
    if (!good) log_failure(report->x, &err);
    pool_give(pool, db);
    return good;
}

static bool record_failure(struct upload_report *report, const struct err *failure,
                           const char *skips, const char *more) {
    struct buf problem;
    buf_init(&problem, ANSWER_MAX);
    problem_write(failure, skips, more, &problem);
    bool good = record_problem(report, &problem);
    buf_free(&problem);
    return good;
}

void upload_report_answer_error(struct upload_report *report, const struct err *err) {
    const char *skips = buf_text(&report->outcome.document);
    struct buf more;
    buf_init(&more, ANSWER_MAX);
    write_more(report, &more);
    log_outcome(report, err_slug(err->code));
    /* A dry run keeps nothing. An import that never began is not recorded either, so that requests
     * cannot fill the database. */
    bool began = !report->dry_run && report->outcome.import_id[0] != '\0';
    bool kept = began && record_failure(report, err, skips, buf_text(&more));
    if (report->leads_to_page && kept) {
        log_failure(report->x, err);
        see_import(report);
    } else {
        answer_error_with(report->x, err, skips, buf_text(&more));
    }
    buf_free(&more);
}
