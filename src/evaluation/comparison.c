/* Compares two runs of a dataset: see comparison.h. */
#include "evaluation/comparison.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evaluation/compare_document.h"
#include "evaluation/parts.h"

enum {
    DOCUMENT_MAX = 64 * 1024 * 1024, /* bytes */
    ID_ROOM = 24
};

static const char document_sql[] =
    "select coco.comparison_document($1, $2, $3, $4, $5, $6, $7, $8)";

/* ---- reading ------------------------------------------------------------------------------- */

static bool check_ground_truth(const struct subject subjects[COMPARE_RUNS], struct err *err) {
    if (subjects[0].imports.ground_truth == subjects[1].imports.ground_truth) return true;
    return err_set(err, ERR_BUSY,
                   "the ground truth was imported again between the two runs (imports %" PRId64
                   " and %" PRId64 "); try again",
                   subjects[0].imports.ground_truth, subjects[1].imports.ground_truth);
}

static bool load_names(struct comparison *comparison, struct db *db, struct err *err) {
    char dataset_id[ID_ROOM];
    snprintf(dataset_id, sizeof dataset_id, "%" PRId64, comparison->subjects[0].imports.dataset_id);
    return names_load(&comparison->categories, db, dataset_id, err);
}

/* Begins a transaction, which the caller ends. */
static bool read_runs(struct comparison *comparison, const struct evaluator *evaluator,
                      struct err *err) {
    struct subject *subjects = comparison->subjects;
    const struct evaluation_request *a = &comparison->request->evaluation;
    struct evaluation_request b = *a;
    b.run = comparison->request->with;
    return subject_open(&subjects[0], evaluator->db, a, false, err) &&
           subject_open_beside(&subjects[1], evaluator->db, &b, err) &&
           check_ground_truth(subjects, err) &&
           parts_refuse(&subjects[0], evaluator, "a comparison", err) &&
           parts_refuse(&subjects[1], evaluator, "a comparison", err) &&
           load_names(comparison, evaluator->db, err) &&
           subject_load(&subjects[0], evaluator, a, err) &&
           subject_load(&subjects[1], evaluator, &b, err);
}

/* ---- all ----------------------------------------------------------------------------------- */

bool comparison_make(struct comparison *comparison, const struct evaluator *evaluator,
                     const struct comparison_request *request, struct err *err) {
    memset(comparison, 0, sizeof *comparison);
    comparison->request = request;
    names_init_categories(&comparison->categories);
    bool good = read_runs(comparison, evaluator, err);
    db_rollback(evaluator->db); /* a snapshot that is held long keeps dead rows */
    if (!good) return false;
    progress_enter(evaluator->progress, PROGRESS_COMPUTE);
    comparison->compare = (struct compare_request){
        .objects = {comparison->subjects[0].objects, comparison->subjects[1].objects},
        .settings = &request->evaluation.settings,
        .selection = &comparison->subjects[0].selection,
        .resamples = request->resamples,
        .seed = request->seed,
        .threads = evaluator->threads,
        .progress = evaluator->progress};
    return compare(&comparison->compared, &comparison->compare, err);
}

static bool read_document(struct comparison *comparison, struct db *db, struct buf *numbers,
                          struct buf *document, struct err *err) {
    const struct imports *a = &comparison->subjects[0].imports;
    const struct imports *b = &comparison->subjects[1].imports;
    char dataset_id[ID_ROOM], ground_truth[ID_ROOM], import_a[ID_ROOM], import_b[ID_ROOM];
    snprintf(dataset_id, sizeof dataset_id, "%" PRId64, a->dataset_id);
    snprintf(ground_truth, sizeof ground_truth, "%" PRId64, a->ground_truth);
    snprintf(import_a, sizeof import_a, "%" PRId64, a->run);
    snprintf(import_b, sizeof import_b, "%" PRId64, b->run);
    const char *params[] = {dataset_id,
                            ground_truth,
                            comparison->request->evaluation.run,
                            import_a,
                            comparison->request->with,
                            import_b,
                            buf_text(&comparison->subjects[0].params),
                            buf_text(numbers)};
    return db_document(db, document_sql, 8, params, document, err);
}

bool comparison_write(struct comparison *comparison, struct db *db, struct buf *document,
                      struct err *err) {
    struct buf numbers;
    buf_init(&numbers, DOCUMENT_MAX);
    compare_write(&numbers, &comparison->compared, &comparison->compare, &comparison->categories);
    bool good = !numbers.failed || err_set(err, ERR_BUSY, "out of memory for a comparison");
    good = good && read_document(comparison, db, &numbers, document, err);
    buf_free(&numbers);
    return good;
}

void comparison_close(struct comparison *comparison) {
    for (size_t i = 0; i < COMPARE_RUNS; i++) subject_close(&comparison->subjects[i]);
    names_free(&comparison->categories);
    compared_free(&comparison->compared);
}
