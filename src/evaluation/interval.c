/* The interval of the AP of an evaluation: see interval.h. */
#include "evaluation/interval.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "evaluation/bootstrap.h"
#include "evaluation/verdicts.h"
#include "store/rows.h"

enum {
    NUMBER_ROOM = 32
};

bool interval_is_stored(const struct subject *subject, struct db *db, bool *stored,
                        struct err *err) {
    struct rows rows;
    char id[NUMBER_ROOM];
    snprintf(id, sizeof id, "%" PRId64, subject->evaluation_id);
    const char *params[] = {id};
    bool good = rows_query(&rows, db, "select coco.has_interval($1)", 1, params, err);
    *stored = good && rows_bool(&rows, 0, 0);
    rows_free(&rows);
    return good;
}

static bool measure(const struct subject *subject, const struct evaluator *evaluator,
                    const struct settings *settings, const struct verdict *verdicts, double *low,
                    double *high, struct err *err) {
    struct bootstrap bootstrap;
    struct bootstrap_request request = {
        .runs = {{.objects = subject->objects, .verdicts = verdicts}},
        .run_count = 1,
        .settings = settings,
        .selection = &subject->selection,
        .resamples = BOOTSTRAP_RESAMPLES,
        .threads = evaluator->threads,
        .progress = evaluator->progress};
    bool good = bootstrap_make(&bootstrap, &request, err);
    if (good) {
        *low = bootstrap.numbers[0].runs[0].low;
        *high = bootstrap.numbers[0].runs[0].high;
    }
    bootstrap_free(&bootstrap);
    return good;
}

bool interval_compute(const struct subject *subject, const struct evaluator *evaluator,
                      const struct settings *settings, double *low, double *high, struct err *err) {
    struct verdict *verdicts =
        verdicts_make(subject->objects, settings, 1, evaluator->threads, evaluator->progress, err);
    bool good = verdicts && measure(subject, evaluator, settings, verdicts, low, high, err);
    free(verdicts);
    return good;
}

bool interval_store(const struct subject *subject, struct db *db, double low, double high,
                    struct err *err) {
    char id[NUMBER_ROOM], low_text[NUMBER_ROOM], high_text[NUMBER_ROOM];
    snprintf(id, sizeof id, "%" PRId64, subject->evaluation_id);
    snprintf(low_text, sizeof low_text, "%.17g", low);
    snprintf(high_text, sizeof high_text, "%.17g", high);
    const char *params[] = {id, low_text, high_text};
    return db_change(db, "select coco.evaluation_set_interval($1, $2, $3)", 3, params, err);
}
