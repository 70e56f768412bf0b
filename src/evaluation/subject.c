/* Gets the objects of a run: see subject.h. */
#include "evaluation/subject.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/shown.h"
#include "evaluation/cache.h"
#include "evaluation/memory.h"
#include "store/rows.h"
#include "json/writer.h"

static const char begin_sql[] = "select dataset_id, ground_truth, import_id, evaluation_id, "
                                "image_digest from coco.evaluation_begin($1, $2, $3, $4)";

enum {
    DATASET_ID,
    GROUND_TRUTH,
    RUN,
    EVALUATION_ID,
    IMAGE_DIGEST
};

enum {
    PARAMS_MAX = 1024 * 1024 /* bytes */
};

/* ---- ids of classes ---------------------------------------------------------------------- */

/* Calls `take` for each id of "1,2,3"; false with ERR_BAD_REQUEST if the text is no such list. */
static bool read_categories(const char *text, bool (*take)(void *self, int64_t id, struct err *err),
                            void *self, struct err *err) {
    const char *at = text;
    char sent[SHOWN_ROOM];
    for (;;) {
        char *end;
        errno = 0;
        long long id = strtoll(at, &end, 10);
        /* strtoll also takes white space and a plus sign. */
        bool is_number = strchr("-0123456789", *at) && *at && end > at && errno == 0;
        if (!is_number || (*end != ',' && *end != '\0')) {
            return err_set(err, ERR_BAD_REQUEST,
                           "categories must be ids with commas between them, such as 1,2,3, not "
                           "\"%s\"",
                           shown(text, sent));
        }
        if (!take(self, id, err)) return false;
        if (*end == '\0') return true;
        at = end + 1;
    }
}

/* ---- the request as JSON ----------------------------------------------------------------- */

static void write_numbers(struct buf *into, const char *name, const double *values, size_t count) {
    buf_printf(into, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) buf_printf(into, "%s%.17g", i ? "," : "", values[i]);
    buf_put_char(into, ']');
}

static void write_text(struct buf *into, const char *name, const char *text) {
    buf_printf(into, ",\"%s\":", name);
    if (text) {
        json_write_text(into, text);
    } else {
        buf_put_text(into, "null");
    }
}

static void write_areas(struct buf *into, const struct settings *settings) {
    buf_put_text(into, ",\"areas\":[");
    for (size_t a = 0; a < settings->area_count; a++) {
        const struct area_range *area = &settings->areas[a];
        buf_put_text(into, a ? ",{\"name\":" : "{\"name\":");
        json_write_text(into, area->name);
        buf_printf(into, ",\"low\":%.17g,\"high\":%.17g}", area->low, area->high);
    }
    buf_put_char(into, ']');
}

static bool write_category(void *self, int64_t id, struct err *err) {
    struct buf *into = self;
    (void)err;
    buf_printf(into, "%s%" PRId64, into->len > 0 && into->data[into->len - 1] == '[' ? "" : ",",
               id);
    return true;
}

static bool write_categories(struct buf *into, const char *categories, struct err *err) {
    if (!categories) {
        write_text(into, "categories", NULL);
        return true;
    }
    buf_put_text(into, ",\"categories\":[");
    bool good = into->failed || read_categories(categories, write_category, into, err);
    buf_put_char(into, ']');
    return good;
}

/* The same request gives the same text, so it can be looked up by it. */
static bool write_params(struct buf *into, const struct evaluation_request *request,
                         struct err *err) {
    const struct settings *settings = &request->settings;
    buf_printf(into, "{\"iou_type\":\"%s\",\"exact\":%s", iou_type_name(settings->iou_type),
               settings->exact ? "true" : "false");
    write_numbers(into, "iou_thresholds", settings->thresholds, settings->threshold_count);
    buf_put_text(into, ",\"max_dets\":[");
    for (size_t m = 0; m < settings->max_det_count; m++) {
        buf_printf(into, "%s%u", m ? "," : "", settings->max_dets[m]);
    }
    buf_put_char(into, ']');
    write_areas(into, settings);
    if (settings->iou_type == IOU_KEYPOINTS) {
        write_numbers(into, "sigmas", settings->sigmas, settings->sigma_count);
    } else {
        write_text(into, "sigmas", NULL);
    }
    if (!write_categories(into, request->categories, err)) return false;
    write_text(into, "split", request->split);
    write_text(into, "slice", request->slice);
    buf_put_char(into, '}');
    return !into->failed ||
           err_set(err, ERR_BAD_REQUEST, "the parameters of the evaluation are too long");
}

/* ---- opening ----------------------------------------------------------------------------- */

static bool begin(struct subject *subject, struct db *db, const struct evaluation_request *request,
                  bool wants_curves, struct err *err) {
    struct rows rows;
    const char *params[] = {request->dataset, request->run, buf_text(&subject->params),
                            wants_curves ? "{curves}" : NULL};
    bool good = rows_query(&rows, db, begin_sql, 4, params, err);
    if (good) {
        subject->imports = (struct imports){.dataset_id = rows_int64(&rows, 0, DATASET_ID),
                                            .ground_truth = rows_int64(&rows, 0, GROUND_TRUTH),
                                            .run = rows_int64(&rows, 0, RUN)};
        subject->evaluation_id = rows_int64(&rows, 0, EVALUATION_ID);
        snprintf(subject->image_digest, sizeof subject->image_digest, "%s",
                 rows_text(&rows, 0, IMAGE_DIGEST));
    }
    rows_free(&rows);
    return good;
}

bool subject_open(struct subject *subject, struct db *db, const struct evaluation_request *request,
                  bool wants_curves, struct err *err) {
    *subject = (struct subject){0};
    buf_init(&subject->params, PARAMS_MAX);
    return write_params(&subject->params, request, err) && db_begin_reading(db, err) &&
           begin(subject, db, request, wants_curves, err);
}

bool subject_open_beside(struct subject *subject, struct db *db,
                         const struct evaluation_request *request, struct err *err) {
    *subject = (struct subject){0};
    buf_init(&subject->params, PARAMS_MAX);
    return write_params(&subject->params, request, err) && begin(subject, db, request, false, err);
}

/* ---- objects ----------------------------------------------------------------------------- */

static struct cache_key key_of(const struct subject *subject, const struct settings *settings) {
    bool has_sigmas = settings->iou_type == IOU_KEYPOINTS;
    return (struct cache_key){.ground_truth = subject->imports.ground_truth,
                              .run = subject->imports.run,
                              .iou_type = settings->iou_type,
                              .depth = settings_depth(settings),
                              .sigmas = has_sigmas
                                            ? fnv_bytes(FNV_BEGIN, settings->sigmas,
                                                        settings->sigma_count * sizeof(double))
                                            : 0};
}

/* range: NULL for all images. */
static bool make_objects(struct subject *subject, const struct evaluator *evaluator,
                         const struct settings *settings, const struct image_range *range,
                         uint64_t *rows, struct err *err) {
    subject->own = malloc(sizeof *subject->own);
    if (!subject->own) return memory_is_out(err);
    objects_init(subject->own);
    subject->objects = subject->own;
    struct connections connections = {evaluator->db, evaluator->second};
    return load_objects(subject->own, &connections, &subject->imports, range, settings,
                        evaluator->threads, evaluator->progress, rows, err);
}

static bool take_objects(struct subject *subject, const struct evaluator *evaluator,
                         const struct settings *settings, struct err *err) {
    struct cache *cache = evaluator->cache;
    struct cache_key key = key_of(subject, settings);
    uint64_t rows = 0;
    if (!cache) return make_objects(subject, evaluator, settings, NULL, &rows, err);
    if (!cache_await(cache, &key, evaluator->progress, err)) return false;
    subject->objects = cache_take(cache, &key);
    if (!subject->objects) {
        if (!make_objects(subject, evaluator, settings, NULL, &rows, err)) {
            cache_fail(cache, &key);
            return false;
        }
        cache_put(cache, &key, subject->own);
        subject->own = NULL;
    }
    subject->cache = cache;
    return true;
}

/* ---- the selection ----------------------------------------------------------------------- */

static bool make_flags(bool **flags, size_t count, struct err *err) {
    *flags = calloc(count + 1, sizeof **flags);
    return *flags || memory_is_out(err);
}

static bool select_images(struct subject *subject, const struct evaluator *evaluator,
                          const struct evaluation_request *request, const struct image_range *range,
                          struct err *err) {
    if (!request->split && !request->slice) return true;
    if (!make_flags(&subject->images, subject->objects->image_count, err)) return false;
    subject->selection.images = subject->images;
    return load_selection(subject->images, subject->objects, evaluator->db, &subject->imports,
                          range, request->split, request->slice, evaluator->progress, err);
}

static int compare_ids(const void *id, const void *member) {
    int64_t a = *(const int64_t *)id;
    int64_t b = *(const int64_t *)member;
    return (a > b) - (a < b);
}

static bool select_category(void *self, int64_t id, struct err *err) {
    struct subject *subject = self;
    const struct objects *objects = subject->objects;
    const int64_t *at =
        objects->category_count > 0
            ? bsearch(&id, objects->category_ids, objects->category_count, sizeof id, compare_ids)
            : NULL;
    if (!at) {
        return err_set(err, ERR_BAD_REQUEST, "category %lld is not in the dataset (%zu categories)",
                       (long long)id, objects->category_count);
    }
    subject->categories[at - objects->category_ids] = true;
    return true;
}

static bool select_categories(struct subject *subject, const struct evaluation_request *request,
                              struct err *err) {
    if (!request->categories) return true;
    if (!make_flags(&subject->categories, subject->objects->category_count, err)) return false;
    subject->selection.categories = subject->categories;
    return read_categories(request->categories, select_category, subject, err);
}

bool subject_load(struct subject *subject, const struct evaluator *evaluator,
                  const struct evaluation_request *request, struct err *err) {
    return take_objects(subject, evaluator, &request->settings, err) &&
           select_images(subject, evaluator, request, NULL, err) &&
           select_categories(subject, request, err);
}

void subject_unload(struct subject *subject) {
    if (subject->cache) cache_give(subject->cache, subject->objects);
    if (subject->own) objects_free(subject->own);
    free(subject->own);
    free(subject->images);
    free(subject->categories);
    subject->cache = NULL;
    subject->own = NULL;
    subject->objects = NULL;
    subject->images = subject->categories = NULL;
    subject->selection = (struct selection){0};
}

bool subject_load_part(struct subject *subject, const struct evaluator *evaluator,
                       const struct evaluation_request *request, const struct image_range *range,
                       uint64_t *rows, struct err *err) {
    subject_unload(subject);
    return make_objects(subject, evaluator, &request->settings, range, rows, err) &&
           select_images(subject, evaluator, request, range, err) &&
           select_categories(subject, request, err);
}

void subject_close(struct subject *subject) {
    subject_unload(subject);
    buf_free(&subject->params);
    *subject = (struct subject){0};
}
