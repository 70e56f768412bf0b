/* Evaluates runs: see evaluation.h. */
#include "api/evaluation.h"

#include "api/evaluation_watch.h"
#include "evaluation/evaluation.h"
#include "http/problem.h"

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
        .run = exchange_text(x, PATH_RUN),
        .categories = exchange_value(x, QUERY_CATEGORIES)->text,
        .split = exchange_value(x, QUERY_ONLY_SPLIT)->text,
        .slice = exchange_value(x, QUERY_SLICE)->text,
    };
    return read_settings(x, &request->settings, err);
}

/* ---- one document ------------------------------------------------------------------------ */

/* Looks for stored numbers. *found is false if there are none. */
static bool look_up(struct exchange *x, const struct evaluation_request *request,
                    struct buf *document, bool *found, struct err *err) {
    const char *include = exchange_value(x, QUERY_INCLUDE)->text;
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = evaluation_find(db, request, include, document, found, err);
    pool_give(x->service->short_pool, db);
    return good;
}

typedef bool work(struct exchange *x, const struct evaluator *evaluator,
                  const struct evaluation_request *request, struct buf *document, struct err *err);

/* Computes, over a connection for evaluations. */
static bool compute(struct exchange *x, work *work, const struct evaluation_request *request,
                    struct buf *document, struct err *err) {
    struct evaluation_watch watch;
    evaluation_watch_open(&watch, x);
    struct db *db = exchange_take_evaluation(x, err);
    if (!db) return false;
    const struct evaluator evaluator = {.db = db,
                                        .cache = x->service->evaluation_cache,
                                        .threads = x->service->evaluation_threads,
                                        .progress = &watch.progress};
    bool good = work(x, &evaluator, request, document, err);
    exchange_give_evaluation(x, db);
    if (!good) evaluation_watch_explain(&watch, err);
    return good;
}

static bool make_document(struct exchange *x, const struct evaluator *evaluator,
                          const struct evaluation_request *request, struct buf *document,
                          struct err *err) {
    return evaluation_document(evaluator, request, exchange_value(x, QUERY_INCLUDE)->text, document,
                               err);
}

/* False with is_deferred if another thread must go on. */
static bool make(struct exchange *x, const struct evaluation_request *request, work *work,
                 struct buf *document, struct err *err) {
    bool found = false;
    if (work == make_document && !look_up(x, request, document, &found, err)) return false;
    return found || (!exchange_defer(x) && compute(x, work, request, document, err));
}

/* Answers unless the request was put off. */
static void answer(struct exchange *x, bool good, struct buf *document, const struct err *err) {
    if (x->request->is_deferred) return;
    if (good) {
        answer_document(x, 200, x->request->path, document, NULL);
    } else {
        answer_error(x, err, NULL);
    }
}

static void get(struct exchange *x, work *work) {
    struct err err;
    struct buf document;
    struct evaluation_request request;
    buf_init(&document, ANSWER_MAX);
    bool good = read_request(x, &request, &err);
    if (good && evaluation_watch_announce(x, &err)) {
        good = make(x, &request, work, &document, &err);
        if (!x->request->is_deferred) evaluation_watch_end(x, good ? NULL : &err);
    } else {
        good = false;
    }
    answer(x, good, &document, &err);
    buf_free(&document);
}

void evaluation_get(struct exchange *x) {
    get(x, make_document);
}
