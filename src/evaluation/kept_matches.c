/* Makes the rows of coco.matches of a run: see kept_matches.h. */
#include "evaluation/kept_matches.h"

#include <string.h>

#include "evaluation/findings.h"
#include "evaluation/matches.h"
#include "evaluation/parts.h"
#include "store/rows.h"

static const char matches_sql[] = "select coco.matches_current($1, $2, $3) is not null";

bool matches_are_kept(struct db *db, const struct evaluation_request *request, bool *found,
                      struct err *err) {
    struct rows rows;
    const char *params[] = {request->dataset, request->run,
                            iou_type_name(request->settings.iou_type)};
    bool good = rows_query(&rows, db, matches_sql, 3, params, err);
    *found = good && rows_bool(&rows, 0, 0);
    rows_free(&rows);
    return good;
}

static struct matches_target target_of(const struct subject *subject,
                                       const struct evaluation_request *request) {
    return (struct matches_target){.dataset_id = subject->imports.dataset_id,
                                   .run = request->run,
                                   .iou_type = request->settings.iou_type,
                                   .ground_truth = subject->imports.ground_truth,
                                   .import_id = subject->imports.run};
}

static bool publish_matches(struct subject *subject, const struct evaluator *evaluator,
                            const struct evaluation_request *request, struct err *err) {
    struct findings findings;
    struct matches_target target = target_of(subject, request);
    bool good = subject_load(subject, evaluator, request, err);
    db_rollback(evaluator->db);
    if (!good) return false;
    good =
        findings_find(&findings, subject->objects, evaluator->threads, evaluator->progress, err) &&
        matches_publish(evaluator->db, &target, subject->objects, &findings, evaluator->progress,
                        err);
    findings_free(&findings);
    return good;
}

/* Reads the parts over the second connection while the first one writes. */
static bool publish_in_parts(const struct parts *parts, const struct evaluator *evaluator,
                             const struct evaluation_request *request, struct err *err) {
    struct evaluator reader = *evaluator;
    struct subject subject;
    reader.db = evaluator->second;
    reader.second = NULL;
    bool good = subject_open(&subject, reader.db, request, false, err);
    struct matches_target target = target_of(&subject, request);
    good = good &&
           parts_publish_matches(parts, &subject, &reader, request, evaluator->db, &target, err);
    db_rollback(reader.db);
    subject_close(&subject);
    return good;
}

/* Without a second connection, a run of any size is read as a whole. */
static bool make_matches(struct subject *subject, const struct evaluator *evaluator,
                         const struct evaluation_request *request, struct err *err) {
    struct parts parts = {0};
    bool good = !evaluator->second || parts_find(&parts, subject, evaluator, err);
    if (good && parts.count > 0) {
        db_rollback(evaluator->db);
        good = publish_in_parts(&parts, evaluator, request, err);
    } else if (good) {
        good = publish_matches(subject, evaluator, request, err);
    }
    parts_free(&parts);
    return good;
}

bool matches_keep(const struct evaluator *evaluator, const struct evaluation_request *request,
                  struct err *err) {
    struct subject subject;
    struct evaluation_request plain = {.dataset = request->dataset, .run = request->run};
    bool found;
    settings_init(&plain.settings, request->settings.iou_type);
    plain.settings.sigma_count = request->settings.sigma_count;
    memcpy(plain.settings.sigmas, request->settings.sigmas, sizeof plain.settings.sigmas);
    if (!matches_are_kept(evaluator->db, &plain, &found, err)) return false;
    if (found) return true;
    bool good = subject_open(&subject, evaluator->db, &plain, false, err) &&
                make_matches(&subject, evaluator, &plain, err);
    db_rollback(evaluator->db);
    subject_close(&subject);
    return good;
}
