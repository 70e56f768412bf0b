/* Stores the numbers of an evaluation: see made.h. */
#include "evaluation/made.h"

#include <inttypes.h>
#include <stdio.h>

#include "store/copy.h"
#include "store/rows.h"
#include "store/tuple.h"

static const char store_sql[] = "select coco.evaluation_store($1, $2, $3, $4, $5, $6, $7, $8)";
static const char has_curves_sql[] = "select coco.has_curves($1)";

enum {
    ID_ROOM = 24
};

static bool store_numbers(struct subject *subject, struct db *db, const char *run,
                          struct made *made, struct err *err) {
    char dataset_id[ID_ROOM], ground_truth[ID_ROOM], import_id[ID_ROOM], duration[ID_ROOM];
    snprintf(dataset_id, sizeof dataset_id, "%" PRId64, subject->imports.dataset_id);
    snprintf(ground_truth, sizeof ground_truth, "%" PRId64, subject->imports.ground_truth);
    snprintf(import_id, sizeof import_id, "%" PRId64, subject->imports.run);
    snprintf(duration, sizeof duration, "%" PRId64, made->duration_ms);
    const char *params[] = {dataset_id,
                            run,
                            ground_truth,
                            import_id,
                            buf_text(&subject->params),
                            subject->image_digest[0] ? subject->image_digest : NULL,
                            buf_text(&made->json),
                            duration};
    struct rows rows;
    bool good = rows_query(&rows, db, store_sql, 8, params, err);
    if (good) subject->evaluation_id = rows_int64(&rows, 0, 0);
    rows_free(&rows);
    return good;
}

static bool find_curves(const struct subject *subject, struct db *db, bool *found,
                        struct err *err) {
    struct rows rows;
    char id[ID_ROOM];
    snprintf(id, sizeof id, "%" PRId64, subject->evaluation_id);
    const char *params[] = {id};
    bool good = rows_query(&rows, db, has_curves_sql, 1, params, err);
    *found = good && rows_bool(&rows, 0, 0);
    rows_free(&rows);
    return good;
}

static void put_curves(struct copy *copy, const struct subject *subject,
                       const struct curves *curves, size_t k) {
    const double *precision[THRESHOLDS_MAX];
    const double *scores[THRESHOLDS_MAX];
    for (size_t t = 0; t < curves->thresholds; t++) {
        precision[t] = curves_precision(curves, 0, t, k);
        scores[t] = curves_scores(curves, t, k);
    }
    tuple_put_curves(copy, subject->evaluation_id, (int32_t)subject->objects->category_ids[k],
                     curves->thresholds, RECALL_POINTS, precision, scores);
}

/* As binary COPY: there are 160,000 numbers for 80 classes. */
static bool store_curves(const struct subject *subject, struct db *db, const struct curves *curves,
                         struct err *err) {
    struct copy copy;
    copy_init(&copy, db);
    if (!copy_open(&copy, "coco.evaluation_curves", tuple_curves_columns, false, err)) return false;
    for (size_t k = 0; k < curves->classes && !copy_failed(&copy); k++) {
        if (curves->truths[k] > 0) put_curves(&copy, subject, curves, k);
    }
    return copy_finish(&copy, err);
}

bool made_store(struct made *made, struct subject *subject, struct db *db, const char *run,
                struct err *err) {
    bool found;
    bool good = db_begin(db, err) && store_numbers(subject, db, run, made, err) &&
                find_curves(subject, db, &found, err) &&
                (found || store_curves(subject, db, &made->numbers.curves, err)) &&
                db_commit(db, err);
    if (!good) db_rollback(db);
    return good;
}
