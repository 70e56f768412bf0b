/* Finds the numbers of an evaluation, or makes them: see evaluation.h. */
#include "evaluation/evaluation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/shown.h"
#include "evaluation/document.h"
#include "evaluation/interval.h"
#include "evaluation/made.h"
#include "evaluation/memory.h"
#include "evaluation/numbers.h"
#include "evaluation/parts.h"
#include "evaluation/points.h"
#include "store/rows.h"

static const char curve_classes_sql[] = "select coco.curve_classes($1, $2, $3)";
static const char document_sql[] = "select coco.evaluation_document($1, $2, $3)";

enum {
    NUMBERS_MAX = 256 * 1024 * 1024, /* bytes of JSON */
    CURVE_NUMBER_BYTES = 20,         /* of JSON: most numbers of curves have 16 to 18 digits */
    ID_ROOM = 24
};

/* The interval is in every document once it is stored. */
static const char *const include_names[] = {"curves", "matrix", "calibration", "interval"};

enum {
    INCLUDES = sizeof include_names / sizeof *include_names,
    INCLUDES_OF_DOCUMENT = INCLUDES - 1,
    INCLUDES_MAX = 64 /* bytes of their names with commas between them */
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
                           "include must be curves, matrix, calibration or interval, or several "
                           "with commas between them, not \"%s\"",
                           shown(text, sent));
        }
        *include |= 1u << i;
    }
    return true;
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

static bool write_numbers(struct buf *json, const struct numbers *numbers,
                          const struct subject *subject, const struct settings *settings,
                          struct err *err) {
    document_write_numbers(json, numbers, subject->objects, settings, &subject->selection);
    return !json->failed ||
           err_set(err, ERR_BUSY, "out of memory for the numbers of an evaluation");
}

/* With the objects of the whole run. */
static bool compute_whole(struct subject *subject, const struct evaluator *evaluator,
                          const struct evaluation_request *request, const struct settings *settings,
                          struct made *made, struct err *err) {
    if (!subject->objects && !subject_load(subject, evaluator, request, err)) return false;
    progress_enter(evaluator->progress, PROGRESS_COMPUTE);
    return numbers_compute(&made->numbers, subject->objects, settings, &subject->selection,
                           evaluator->threads, evaluator->progress, err) &&
           write_numbers(&made->json, &made->numbers, subject, settings, err);
}

static bool compute_in_parts(struct subject *subject, const struct evaluator *evaluator,
                             const struct evaluation_request *request,
                             const struct settings *settings, const struct parts *parts,
                             struct made *made, struct err *err) {
    return parts_compute(&made->numbers, parts, subject, evaluator, request, settings, err) &&
           write_numbers(&made->json, &made->numbers, subject, settings, err);
}

static bool compute(struct subject *subject, const struct evaluator *evaluator,
                    const struct evaluation_request *request, const struct settings *settings,
                    struct made *made, struct err *err) {
    struct parts parts = {0};
    bool good = subject->objects || parts_find(&parts, subject, evaluator, err);
    good = good && (parts.count > 0
                        ? compute_in_parts(subject, evaluator, request, settings, &parts, made, err)
                        : compute_whole(subject, evaluator, request, settings, made, err));
    parts_free(&parts);
    return good;
}

/* Computes the numbers and stores them. The transaction of subject_open ends here. */
static bool make(struct subject *subject, const struct evaluator *evaluator,
                 const struct evaluation_request *request, int64_t begun_ms, struct err *err) {
    struct settings settings = stored_settings(&request->settings);
    struct made made = {0};
    buf_init(&made.json, NUMBERS_MAX);
    bool good = compute(subject, evaluator, request, &settings, &made, err);
    db_rollback(evaluator->db);
    progress_enter(evaluator->progress, PROGRESS_STORE);
    made.duration_ms = clock_ms() - begun_ms;
    good = good && made_store(&made, subject, evaluator->db, request->run, err);
    numbers_free(&made.numbers);
    buf_free(&made.json);
    return good;
}

bool evaluation_make(const struct evaluator *evaluator, const struct evaluation_request *request,
                     int64_t *evaluation_id, struct err *err) {
    struct subject subject;
    int64_t begun_ms = clock_ms();
    bool good = subject_open(&subject, evaluator->db, request, false, err) &&
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

/* As an array of SQL. */
static void write_includes(struct buf *list, unsigned include) {
    buf_put_char(list, '{');
    for (size_t i = 0; i < INCLUDES_OF_DOCUMENT; i++) {
        if (!(include >> i & 1)) continue;
        if (list->len > 1) buf_put_char(list, ',');
        buf_put_text(list, include_names[i]);
    }
    buf_put_char(list, '}');
}

/* more: members in place of those that are stored; may be empty. */
static bool read_document(struct db *db, int64_t evaluation_id, unsigned include, struct buf *more,
                          struct buf *document, struct err *err) {
    char id[ID_ROOM];
    struct buf list;
    snprintf(id, sizeof id, "%" PRId64, evaluation_id);
    buf_init(&list, INCLUDES_MAX);
    write_includes(&list, include);
    const char *params[] = {id, buf_text(&list), more && more->len > 0 ? buf_text(more) : NULL};
    bool good = !list.failed || memory_is_out(err);
    good = good && db_document(db, document_sql, 3, params, document, err);
    buf_free(&list);
    return good;
}

/* How many classes the curves will have; if that is hard to say beforehand, 0. */
static bool count_curves(struct subject *subject, struct db *db, int64_t *classes,
                         struct err *err) {
    char evaluation_id[ID_ROOM], ground_truth[ID_ROOM];
    struct rows rows;
    snprintf(evaluation_id, sizeof evaluation_id, "%" PRId64, subject->evaluation_id);
    snprintf(ground_truth, sizeof ground_truth, "%" PRId64, subject->imports.ground_truth);
    const char *params[] = {subject->evaluation_id ? evaluation_id : NULL, ground_truth,
                            buf_text(&subject->params)};
    bool good = rows_query(&rows, db, curve_classes_sql, 3, params, err);
    if (good) *classes = rows_int64(&rows, 0, 0);
    rows_free(&rows);
    return good;
}

/* Refuses curves that the document has no room for: before they are computed, and before they are
 * written. */
static bool check_curves(struct subject *subject, struct db *db, const struct settings *settings,
                         unsigned include, const struct buf *document, struct err *err) {
    size_t class = settings->threshold_count * RECALL_POINTS * 2 * CURVE_NUMBER_BYTES;
    size_t most = document->max / class;
    int64_t classes = 0;
    if (!(include & INCLUDE_CURVES)) return true;
    if (!count_curves(subject, db, &classes, err)) return false;
    if (classes <= (int64_t)most) return true;
    return err_set(err, ERR_BAD_REQUEST,
                   "the curves of %" PRId64 " classes at %zu thresholds are too large for one "
                   "answer: give at most %zu classes (categories), or fewer iou_thresholds",
                   classes, settings->threshold_count, most);
}

bool evaluation_stored(struct db *db, const struct evaluation_request *request, unsigned include,
                       struct buf *document, bool *found, struct err *err) {
    struct subject subject;
    bool good = subject_open(&subject, db, request, include & INCLUDE_CURVES, err);
    *found = good && subject.evaluation_id && !is_another_point(&request->settings);
    if (*found) {
        good = check_curves(&subject, db, &request->settings, include, document, err);
    }
    if (good && *found && include & INCLUDE_INTERVAL) {
        good = interval_is_stored(&subject, db, found, err);
    }
    good =
        good && (!*found || read_document(db, subject.evaluation_id, include, NULL, document, err));
    db_rollback(db);
    subject_close(&subject);
    return good;
}

static bool write_whole_point(struct subject *subject, const struct evaluator *evaluator,
                              const struct evaluation_request *request, struct buf *more,
                              struct err *err) {
    if (!subject->objects && !subject_load(subject, evaluator, request, err)) return false;
    struct points points;
    bool good = points_compute(&points, subject->objects, &request->settings, &subject->selection,
                               evaluator->threads, evaluator->progress, err);
    if (good) {
        document_write_points(more, &points, subject->objects, &request->settings,
                              &subject->selection);
    }
    points_free(&points);
    return good;
}

/* Computes everything again: the records are all that is needed. */
static bool write_point_in_parts(struct subject *subject, const struct evaluator *evaluator,
                                 const struct evaluation_request *request,
                                 const struct parts *parts, struct buf *more, struct err *err) {
    struct numbers numbers;
    const struct settings *settings = &request->settings;
    bool good = parts_compute(&numbers, parts, subject, evaluator, request, settings, err);
    if (good) {
        document_write_points(more, &numbers.points, subject->objects, settings,
                              &subject->selection);
    }
    numbers_free(&numbers);
    subject_unload(subject); /* these are not all objects */
    return good;
}

/* The numbers of another operating point. */
static bool write_point(struct subject *subject, const struct evaluator *evaluator,
                        const struct evaluation_request *request, struct buf *more,
                        struct err *err) {
    struct parts parts;
    if (!is_another_point(&request->settings)) return true;
    bool good =
        parts_find(&parts, subject, evaluator, err) &&
        (parts.count > 0 ? write_point_in_parts(subject, evaluator, request, &parts, more, err)
                         : write_whole_point(subject, evaluator, request, more, err));
    parts_free(&parts);
    if (good && more->failed) {
        return err_set(err, ERR_BUSY, "out of memory for the numbers of an evaluation");
    }
    return good;
}

/* The interval of AP, computed while the objects are at hand. */
struct wanted_interval {
    bool is_computed;
    double low;
    double high;
};

static bool compute_interval(struct subject *subject, const struct evaluator *evaluator,
                             const struct evaluation_request *request, unsigned include,
                             struct wanted_interval *interval, struct err *err) {
    bool stored = !(include & INCLUDE_INTERVAL);
    *interval = (struct wanted_interval){0};
    if (!stored && subject->evaluation_id &&
        !interval_is_stored(subject, evaluator->db, &stored, err)) {
        return false;
    }
    if (stored) return true;
    interval->is_computed = true;
    return parts_refuse(subject, evaluator, "the interval of AP", err) &&
           (subject->objects || subject_load(subject, evaluator, request, err)) &&
           interval_compute(subject, evaluator, &request->settings, &interval->low, &interval->high,
                            err);
}

static bool store_interval(const struct subject *subject, struct db *db,
                           const struct wanted_interval *interval, struct err *err) {
    if (!interval->is_computed) return true;
    db_rollback(db); /* that of subject_open, where make() has not ended it */
    return interval_store(subject, db, interval->low, interval->high, err);
}

bool evaluation_document(const struct evaluator *evaluator,
                         const struct evaluation_request *request, unsigned include,
                         struct buf *document, struct err *err) {
    struct subject subject;
    struct wanted_interval interval;
    struct buf more;
    int64_t begun_ms = clock_ms();
    buf_init(&more, NUMBERS_MAX);
    bool good = subject_open(&subject, evaluator->db, request, include & INCLUDE_CURVES, err) &&
                check_curves(&subject, evaluator->db, &request->settings, include, document, err) &&
                write_point(&subject, evaluator, request, &more, err) &&
                compute_interval(&subject, evaluator, request, include, &interval, err) &&
                (subject.evaluation_id || make(&subject, evaluator, request, begun_ms, err)) &&
                store_interval(&subject, evaluator->db, &interval, err) &&
                check_curves(&subject, evaluator->db, &request->settings, include, document, err) &&
                read_document(evaluator->db, subject.evaluation_id, include, &more, document, err);
    db_rollback(evaluator->db);
    subject_close(&subject);
    buf_free(&more);
    return good;
}
