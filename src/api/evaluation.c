/* Evaluates runs: see evaluation.h. */
#include "api/evaluation.h"

#include "api/evaluation_watch.h"
#include "api/version.h"
#include "evaluation/evaluation.h"
#include "evaluation/slices.h"
#include "http/problem.h"

enum {
    ADDRESS_MAX = 1024 /* bytes: two names and fixed words */
};

/* ---- parameters -------------------------------------------------------------------------- */

typedef bool read_list(struct settings *settings, const char *text, struct err *err);

static bool read_given(const struct exchange *x, enum parameter_id id, read_list *read,
                       struct settings *settings, struct err *err) {
    const char *text = exchange_value(x, id)->text;
    return !text || read(settings, text, err);
}

static bool check_sigmas(const struct exchange *x, const struct settings *settings,
                         struct err *err) {
    if (!exchange_value(x, QUERY_SIGMAS)->text || settings->iou_type == IOU_KEYPOINTS) return true;
    return err_set(err, ERR_BAD_REQUEST, "sigmas are for iou_type=keypoints, not for %s",
                   iou_type_name(settings->iou_type));
}

static bool read_settings(const struct exchange *x, struct settings *settings, struct err *err) {
    settings_init(settings, (enum iou_type)exchange_value(x, QUERY_IOU_TYPE)->choice);
    settings->exact = exchange_value(x, QUERY_EXACT)->flag;
    settings->iou = exchange_value(x, QUERY_IOU)->number;
    settings->confidence = exchange_value(x, QUERY_CONFIDENCE)->number;
    return read_given(x, QUERY_IOU_THRESHOLDS, settings_read_thresholds, settings, err) &&
           read_given(x, QUERY_MAX_DETS, settings_read_max_dets, settings, err) &&
           read_given(x, QUERY_AREAS, settings_read_areas, settings, err) &&
           check_sigmas(x, settings, err) &&
           read_given(x, QUERY_SIGMAS, settings_read_sigmas, settings, err);
}

static bool read_request(const struct exchange *x, struct evaluation_request *request,
                         struct err *err) {
    *request = (struct evaluation_request){
        .dataset = exchange_text(x, PATH_DATASET),
        .run = evaluation_run(x),
        .categories = exchange_value(x, QUERY_CATEGORIES)->text,
        .split = exchange_value(x, QUERY_ONLY_SPLIT)->text,
        .slice = exchange_value(x, QUERY_SLICE)->text,
    };
    return read_settings(x, &request->settings, err);
}

/* The parts that `include` asks for, as bits. */
static unsigned include_of(const struct exchange *x) {
    struct err impossible; /* the parameter was checked */
    unsigned include = 0;
    (void)include_read(exchange_value(x, QUERY_INCLUDE)->text, &include, &impossible);
    return include;
}

/* ---- the documents ----------------------------------------------------------------------- */

static bool look_up_one(const struct exchange *x, struct db *db,
                        const struct evaluation_request *request, struct buf *document, bool *found,
                        struct err *err) {
    return evaluation_stored(db, request, include_of(x), document, found, err);
}

static bool make_one(const struct exchange *x, const struct evaluator *evaluator,
                     const struct evaluation_request *request, struct buf *document,
                     struct err *err) {
    return evaluation_document(evaluator, request, include_of(x), document, err);
}

static bool look_up_slices(const struct exchange *x, struct db *db,
                           const struct evaluation_request *request, struct buf *document,
                           bool *found, struct err *err) {
    return slices_stored(db, request, exchange_value(x, QUERY_AFTER)->text, document, found, err);
}

static bool make_slices(const struct exchange *x, const struct evaluator *evaluator,
                        const struct evaluation_request *request, struct buf *document,
                        struct err *err) {
    return slices_document(evaluator, request, exchange_value(x, QUERY_AFTER)->text, document, err);
}

static const struct evaluation_kind one = {look_up_one, make_one};
static const struct evaluation_kind slices = {look_up_slices, make_slices};

/* ---- the work ---------------------------------------------------------------------------- */

static bool look_up(struct exchange *x, const struct evaluation_kind *kind,
                    const struct evaluation_request *request, struct buf *document, bool *found,
                    struct err *err) {
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = kind->look_up(x, db, request, document, found, err);
    pool_give(x->service->short_pool, db);
    return good;
}

/* Computes over this connection for evaluations. */
static bool compute_over(struct exchange *x, struct db *db, const struct evaluation_kind *kind,
                         const struct evaluation_request *request, struct progress *progress,
                         struct buf *document, struct err *err) {
    struct err ignored; /* without the second connection, reading takes longer */
    struct db *second = pool_take(x->service->second_pool, 0, &ignored);
    const struct evaluator evaluator = {.db = db,
                                        .second = second,
                                        .cache = x->service->evaluation_cache,
                                        .threads = x->service->evaluation_threads,
                                        .rows = x->service->evaluation_rows,
                                        .progress = progress};
    db->progress = progress;
    bool good = kind->make(x, &evaluator, request, document, err);
    db->progress = NULL; /* the roll-back must not be cancelled */
    if (second) pool_give(x->service->second_pool, second);
    return good;
}

/* wait_ms: for a connection. */
static bool compute(struct exchange *x, const struct evaluation_kind *kind,
                    const struct evaluation_request *request, unsigned wait_ms,
                    struct buf *document, struct err *err) {
    struct evaluation_watch watch;
    const struct pool_patience patience = {wait_ms, evaluation_watch_is_over, &watch};
    evaluation_watch_open(&watch, x);
    struct db *db = exchange_take_evaluation(x, &patience, err);
    bool good = db && compute_over(x, db, kind, request, &watch.progress, document, err);
    if (db) exchange_give_evaluation(x, db);
    if (!good) evaluation_watch_explain(&watch, err);
    return good;
}

/* False with is_deferred if another thread must go on. */
static bool make(struct exchange *x, const struct evaluation_kind *kind,
                 const struct evaluation_request *request, struct buf *document, struct err *err) {
    bool found = false;
    if (x->request->was_deferred && exchange_defer(x)) return false;
    if (kind->look_up && !look_up(x, kind, request, document, &found, err)) return false;
    return found || (!exchange_defer(x) && compute(x, kind, request, LONG_WAIT_MS, document, err));
}

/* False if it must end before its turn. */
static bool may_go_on(struct exchange *x, struct err *err) {
    const struct request *request = x->request;
    if (request->has_no_room) {
        return err_set(err, ERR_BUSY, "too many requests are under way; try again");
    }
    return !request->was_deferred || !request->may_defer || evaluation_watch_look(x, err);
}

/* Makes the document, and tells those who follow how it ended. */
static bool make_followed(struct exchange *x, const struct evaluation_kind *kind,
                          struct buf *document, struct err *err) {
    struct evaluation_request request;
    if (!read_request(x, &request, err) || !evaluation_watch_announce(x, err)) return false;
    bool good = may_go_on(x, err) && make(x, kind, &request, document, err);
    if (!x->request->is_deferred) evaluation_watch_end(x, good ? NULL : err);
    return good;
}

/* One with a token wants to be followed, and one that waits for its turn has been asked before. */
static bool is_answered(struct exchange *x) {
    bool waits = x->request->was_deferred && x->request->may_defer;
    return !waits && !exchange_value(x, QUERY_EVALUATION)->is_given && version_answer(x);
}

void evaluation_answer(struct exchange *x, const struct evaluation_kind *kind) {
    struct err err;
    struct buf document;
    if (is_answered(x)) return;
    buf_init(&document, ANSWER_MAX);
    if (make_followed(x, kind, &document, &err)) {
        answer_document(x, 200, x->request->path, &document, NULL);
    } else if (!x->request->is_deferred) {
        answer_error(x, &err, NULL);
    }
    buf_free(&document);
}

void evaluation_get(struct exchange *x) {
    evaluation_answer(x, &one);
}

void evaluation_get_slices(struct exchange *x) {
    evaluation_answer(x, &slices);
}

/* ---- after an import --------------------------------------------------------------------- */

/* Where the client can ask for it, as a member of the problem. Keypoints that are refused want
 * other sigmas than COCO's. */
static void write_address(const struct evaluation_request *request, const struct err *err,
                          struct buf *into) {
    bool wants_sigmas = request->settings.iou_type == IOU_KEYPOINTS && err->code == ERR_BAD_REQUEST;
    buf_printf(into, ", \"ask\": \"/datasets/%s/runs/%s/evaluation?iou_type=%s%s\"",
               request->dataset, request->run, iou_type_name(request->settings.iou_type),
               wants_sigmas ? "&sigmas=" : "");
}

void evaluation_after_import(struct exchange *x, const char *dataset, const char *run,
                             struct buf *into) {
    struct err err;
    struct buf more;
    struct evaluation_request request = {.dataset = dataset, .run = run};
    size_t len = into->len;
    settings_init(&request.settings, (enum iou_type)exchange_value(x, QUERY_EVALUATE)->choice);
    if (compute(x, &one, &request, AFTER_IMPORT_WAIT_MS, into, &err) || into->failed) return;
    log_failure(x, &err);
    into->len = len;
    buf_init(&more, ADDRESS_MAX);
    write_address(&request, &err, &more);
    problem_write(&err, NULL, buf_text(&more), into);
    buf_free(&more);
}
