/* Evaluates slices: see slices.h. */
#include "evaluation/slices.h"

#include "evaluation/parts.h"
#include "store/rows.h"

static const char missing_sql[] = "select s from coco.slices_to_evaluate($1, $2, $3, $4) s";
static const char document_sql[] = "select coco.evaluation_slices($1, $2, $3, $4)";

/* Looks for the slices of the page that are not stored. params: of the request, as JSON. Call
 * rows_free in any case. */
static bool find_missing(struct rows *missing, struct db *db,
                         const struct evaluation_request *request, struct buf *params,
                         const char *after, struct err *err) {
    const char *values[] = {request->dataset, request->run, buf_text(params), after};
    return rows_query(missing, db, missing_sql, 4, values, err);
}

static bool read_document(struct db *db, const struct evaluation_request *request,
                          struct buf *params, const char *after, struct buf *document,
                          struct err *err) {
    const char *values[] = {request->dataset, request->run, buf_text(params), after};
    return db_document(db, document_sql, 4, values, document, err);
}

bool slices_stored(struct db *db, const struct evaluation_request *request, const char *after,
                   struct buf *document, bool *found, struct err *err) {
    struct subject subject;
    struct rows missing = {0};
    bool good = subject_open(&subject, db, request, false, err) &&
                find_missing(&missing, db, request, &subject.params, after, err);
    *found = good && subject.evaluation_id && missing.count == 0;
    good = good && (!*found || read_document(db, request, &subject.params, after, document, err));
    rows_free(&missing);
    db_rollback(db);
    subject_close(&subject);
    return good;
}

static bool make_all(const struct evaluator *evaluator, const struct evaluation_request *request,
                     const struct rows *missing, struct err *err) {
    struct evaluation_request each = *request;
    int64_t evaluation_id;
    if (!evaluation_make(evaluator, request, &evaluation_id, err)) return false;
    for (int i = 0; i < missing->count; i++) {
        each.slice = rows_text(missing, i, 0);
        if (!evaluation_make(evaluator, &each, &evaluation_id, err)) return false;
    }
    return true;
}

/* Takes the objects until the subject is closed: the cache shares those that do not fit into it
 * only while somebody uses them, and they must not be read anew for each slice. Those of a run that
 * is evaluated in parts are not for memory. */
static bool hold_objects(struct subject *subject, const struct evaluator *evaluator,
                         const struct evaluation_request *request, const struct rows *missing,
                         struct err *err) {
    struct parts parts;
    if (!evaluator->cache || missing->count == 0) return true;
    bool good = parts_find(&parts, subject, evaluator, err) &&
                (parts.count > 0 || subject_load(subject, evaluator, request, err));
    parts_free(&parts);
    return good;
}

bool slices_document(const struct evaluator *evaluator, const struct evaluation_request *request,
                     const char *after, struct buf *document, struct err *err) {
    struct subject subject;
    struct rows missing = {0};
    bool good = subject_open(&subject, evaluator->db, request, false, err) &&
                find_missing(&missing, evaluator->db, request, &subject.params, after, err) &&
                hold_objects(&subject, evaluator, request, &missing, err);
    db_rollback(evaluator->db);
    good = good && make_all(evaluator, request, &missing, err) &&
           read_document(evaluator->db, request, &subject.params, after, document, err);
    rows_free(&missing);
    subject_close(&subject);
    return good;
}
