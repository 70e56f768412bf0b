/* Finds the numbers of an evaluation, or makes them: see evaluation.h. */
#include "evaluation/evaluation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/shown.h"
#include "evaluation/document.h"
#include "evaluation/numbers.h"
#include "store/rows.h"

static const char store_sql[] = "select coco.evaluation_store($1, $2, $3, $4, $5, $6, $7, $8)";
static const char document_sql[] = "select coco.evaluation_document($1, $2, $3)";

enum {
    NUMBERS_MAX = 256 * 1024 * 1024, /* bytes of JSON */
    ID_ROOM = 24
};

static const char *const include_names[] = {"curves", "matrix", "calibration"};

enum {
    INCLUDES = sizeof include_names / sizeof *include_names
};

bool include_read(const char *text, unsigned *include, struct err *err) {
    char sent[SHOWN_ROOM];
    *include = 0;
    for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        size_t len = strcspn(at, ",");
        size_t i = 0;
        while (i < INCLUDES &&
               (strlen(include_names[i]) != len || strncmp(include_names[i], at, len) != 0)) {
            i++;
        }
        if (i == INCLUDES) {
            return err_set(err, ERR_BAD_REQUEST,
                           "include must be curves, matrix or calibration, or several with commas "
                           "between them, not \"%s\"",
                           shown(text, sent));
        }
        *include |= 1u << i;
    }
    return true;
}

/* ---- storing ----------------------------------------------------------------------------- */

static bool store(struct subject *subject, struct db *db, const char *run, struct buf *numbers,
                  int64_t duration_ms, struct err *err) {
    char dataset_id[ID_ROOM], ground_truth[ID_ROOM], import_id[ID_ROOM], duration[ID_ROOM];
    snprintf(dataset_id, sizeof dataset_id, "%" PRId64, subject->imports.dataset_id);
    snprintf(ground_truth, sizeof ground_truth, "%" PRId64, subject->imports.ground_truth);
    snprintf(import_id, sizeof import_id, "%" PRId64, subject->imports.run);
    snprintf(duration, sizeof duration, "%" PRId64, duration_ms);
    const char *params[] = {dataset_id,
                            run,
                            ground_truth,
                            import_id,
                            buf_text(&subject->params),
                            subject->image_digest[0] ? subject->image_digest : NULL,
                            buf_text(numbers),
                            duration};
    struct rows rows;
    bool good = db_begin(db, err) && rows_query(&rows, db, store_sql, 8, params, err);
    if (good) {
        subject->evaluation_id = rows_int64(&rows, 0, 0);
        rows_free(&rows);
    }
    good = good && db_commit(db, err);
    if (!good) db_rollback(db);
    return good;
}

/* ---- making ------------------------------------------------------------------------------ */

/* The settings of what is stored. */
static struct settings stored_settings(const struct settings *settings) {
    struct settings stored = *settings;
    struct settings defaults;
    settings_init(&defaults, settings->iou_type);
    stored.iou = defaults.iou;
    stored.confidence = defaults.confidence;
    return stored;
}

static bool compute(struct subject *subject, const struct evaluator *evaluator,
                    const struct settings *settings, struct buf *json, struct err *err) {
    struct numbers numbers;
    progress_enter(evaluator->progress, PROGRESS_COMPUTE);
    bool good = numbers_compute(&numbers, subject->objects, settings, &subject->selection,
                                evaluator->threads, evaluator->progress, err);
    if (good) document_write_numbers(json, &numbers, subject->objects, settings);
    numbers_free(&numbers);
    if (good && json->failed) {
        return err_set(err, ERR_BUSY, "out of memory for the numbers of an evaluation");
    }
    return good;
}

/* Computes the numbers and stores them. The transaction of subject_open ends here. */
static bool make(struct subject *subject, const struct evaluator *evaluator,
                 const struct evaluation_request *request, int64_t begun_ms, struct err *err) {
    struct settings settings = stored_settings(&request->settings);
    struct buf json;
    buf_init(&json, NUMBERS_MAX);
    bool good = (subject->objects || subject_load(subject, evaluator, request, err)) &&
                compute(subject, evaluator, &settings, &json, err);
    db_rollback(evaluator->db);
    progress_enter(evaluator->progress, PROGRESS_STORE);
    good = good && store(subject, evaluator->db, request->run, &json, clock_ms() - begun_ms, err);
    buf_free(&json);
    return good;
}

bool evaluation_make(const struct evaluator *evaluator, const struct evaluation_request *request,
                     int64_t *evaluation_id, struct err *err) {
    struct subject subject;
    int64_t begun_ms = clock_ms();
    bool good = subject_open(&subject, evaluator->db, request, err) &&
                (subject.evaluation_id || make(&subject, evaluator, request, begun_ms, err));
    db_rollback(evaluator->db);
    *evaluation_id = subject.evaluation_id;
    subject_close(&subject);
    return good;
}

/* ---- the document ------------------------------------------------------------------------ */

static bool is_another_point(const struct settings *settings) {
    struct settings stored = stored_settings(settings);
    return settings->iou != stored.iou || settings->confidence != stored.confidence;
}

/* more: members in place of those that are stored; may be empty. */
static bool read_document(struct db *db, int64_t evaluation_id, unsigned include, struct buf *more,
                          struct buf *document, struct err *err) {
    char id[ID_ROOM], list[64] = "{";
    snprintf(id, sizeof id, "%" PRId64, evaluation_id);
    for (size_t i = 0; i < INCLUDES; i++) {
        if (!(include >> i & 1)) continue;
        if (list[1]) strcat(list, ",");
        strcat(list, include_names[i]);
    }
    strcat(list, "}");
    const char *params[] = {id, list, more && more->len > 0 ? buf_text(more) : NULL};
    return db_document(db, document_sql, 3, params, document, err);
}

bool evaluation_stored(struct db *db, const struct evaluation_request *request, unsigned include,
                       struct buf *document, bool *found, struct err *err) {
    struct subject subject;
    bool good = subject_open(&subject, db, request, err);
    *found = good && subject.evaluation_id && !is_another_point(&request->settings);
    good =
        good && (!*found || read_document(db, subject.evaluation_id, include, NULL, document, err));
    db_rollback(db);
    subject_close(&subject);
    return good;
}

bool evaluation_document(const struct evaluator *evaluator,
                         const struct evaluation_request *request, unsigned include,
                         struct buf *document, struct err *err) {
    struct subject subject;
    struct buf more;
    int64_t begun_ms = clock_ms();
    buf_init(&more, NUMBERS_MAX);
    bool good = subject_open(&subject, evaluator->db, request, err) &&
                (subject.evaluation_id || make(&subject, evaluator, request, begun_ms, err)) &&
                read_document(evaluator->db, subject.evaluation_id, include, &more, document, err);
    db_rollback(evaluator->db);
    subject_close(&subject);
    buf_free(&more);
    return good;
}
