/* Runs uploads: see uploads.h. An upload is a sequence of files, each imported on its own. */
#include "api/uploads.h"

#include <stdio.h>
#include <string.h>

#include "api/upload_report.h"
#include "api/upload_source.h"
#include "base/clock.h"
#include "import/import.h"
#include "import/token.h"

/* One upload, from parameters to answer. */
struct upload {
    struct exchange *x;
    const struct upload_kind *kind;
    char token[TOKEN_MAX + 1];
    struct upload_names names;
    struct import_conditions conditions;
    struct body body;
    struct work work; /* of all files */
    struct progress progress;
    struct upload_source source;
    struct upload_report report;
};

/* ---- before the body --------------------------------------------------------------------- */

/* Takes the client's token, or makes a random one. */
static bool find_token(struct upload *upload, struct err *err) {
    const char *given = exchange_text(upload->x, QUERY_IMPORT);
    snprintf(upload->token, sizeof upload->token, "%s", given);
    return given[0] || token_make(upload->token, err);
}

/* Takes names from the address and the query string. */
static void find_names(const struct exchange *x, struct upload_names *names) {
    const char *dataset = exchange_text(x, PATH_DATASET);
    const char *run = exchange_text(x, PATH_RUN);
    if (!dataset[0]) dataset = exchange_text(x, QUERY_NAME);
    if (!run[0]) run = exchange_text(x, QUERY_RUN_NAME);
    snprintf(names->dataset, sizeof names->dataset, "%s", dataset);
    snprintf(names->run, sizeof names->run, "%s", run);
    snprintf(names->split, sizeof names->split, "%s", exchange_text(x, QUERY_SPLIT));
}

static void find_conditions(const struct exchange *x, struct import_conditions *conditions) {
    conditions->dry_run = exchange_value(x, QUERY_DRY_RUN)->flag;
    conditions->max_skipped = exchange_value(x, QUERY_MAX_SKIPPED)->skip_limit;
    conditions->category_offset = (int32_t)exchange_value(x, QUERY_CATEGORY_OFFSET)->integer;
    const struct parameter_value *match = exchange_value(x, QUERY_MATCH);
    conditions->match_name = match->is_given && match->choice == MATCH_NAME;
    conditions->match_id = match->is_given && match->choice == MATCH_ID;
    conditions->renumber =
        exchange_value(x, QUERY_RENUMBER)->flag || exchange_value(x, QUERY_SHIFT)->flag;
    conditions->force = exchange_value(x, QUERY_FORCE)->flag;
}

static bool leads_to_page(const struct upload *upload) {
    return upload->kind->page == PAGE_ALWAYS ||
           (upload->kind->page == PAGE_FOR_BROWSERS && request_wants_html(upload->x->request));
}

static void open_report(struct upload *upload) {
    upload->report = (struct upload_report){
        .x = upload->x,
        .token = upload->token,
        .dataset = upload->names.dataset,
        .run = upload->kind->is_run ? upload->names.run : NULL,
        .dry_run = upload->conditions.dry_run,
        .leads_to_page = leads_to_page(upload),
    };
    upload_report_init(&upload->report);
}

/* Refuses an unknown dataset before the body is read. */
static bool check_dataset(const struct upload *upload, struct err *err) {
    bool must_exist = upload->kind->is_run || upload->kind->adds;
    if (!must_exist || upload->names.dataset[0] == '\0') return true;
    const char *params[] = {upload->names.dataset};
    struct pool *pool = upload->x->service->short_pool;
    struct db *db = pool_take(pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = db_execute(db, "select coco.dataset_find($1)", 1, params, err);
    pool_give(pool, db);
    return good;
}

/* ---- the import -------------------------------------------------------------------------- */

/* Checks that the form has named the dataset, if the address did not. */
static bool check_names(const struct upload *upload, struct err *err) {
    if (upload->names.dataset[0]) return true;
    return err_set(err, ERR_BAD_REQUEST,
                   upload->kind->is_run
                       ? "the form has no field \"dataset\" before its file"
                       : "the dataset has no name: add ?name=NAME to the address, or a field name "
                         "to the form, before its file");
}

static bool import_file(struct upload *upload, const struct upload_file *file, struct db *db,
                        struct err *err) {
    struct import_target target = {
        .token = upload->token,
        .dataset = upload->names.dataset,
        .run = file->run,
        .split = upload->names.split[0] ? upload->names.split : NULL,
        .create_only = upload->kind->creates_only,
        .adds = upload->kind->adds,
        .continues = upload->report.imported > 0,
        .conditions = upload->conditions,
        .directory = file->directory,
        .work = &upload->work,
        .progress = &upload->progress,
    };
    upload->work.received = file->received;
    return (upload->kind->is_run ? import_run : import_ground_truth)(
        db, &target, file->reader, &upload->x->service->json_limits, &upload->report.outcome, err);
}

static bool import_files(struct upload *upload, struct db *db, struct err *err) {
    struct upload_file file;
    while (upload_source_next(&upload->source, &file)) {
        upload_report_begin(&upload->report, &file);
        if (!import_file(upload, &file, db, err)) return false;
        upload_report_imported(&upload->report);
    }
    return true;
}

/* Reads the first 64 KiB of the body, or all of it if it is shorter. */
static bool open_body(struct upload *upload, struct err *err) {
    return body_open(&upload->body, upload->x->request, &upload->x->service->body_limits, err) &&
           check_dataset(upload, err) && body_prefetch(&upload->body, err);
}

/* Decompression and lists of directories take memory, so that only uploads with a
 * connection do it. */
static bool take_body(struct upload *upload, struct err *err) {
    struct service *service = upload->x->service;
    if (!open_body(upload, err)) return false;
    struct db *db = exchange_take_long(upload->x, err);
    if (!db) return false;
    bool good = upload_source_open(&upload->source, service, upload->kind, &upload->body,
                                   &upload->names, err) &&
                check_names(upload, err) && import_files(upload, db, err);
    exchange_give_long(upload->x, db);
    return good;
}

/* The client may hang up, and time may run out, while rows are read or a statement runs. */
static void limit_progress(struct upload *upload) {
    struct exchange *x = upload->x;
    upload->progress.limits = (struct progress_limits){.is_gone = request_client_is_gone,
                                                       .client = x->request,
                                                       .seconds = x->service->max_duration_s,
                                                       .begun_ms = clock_ms()};
}

static void run_upload(struct exchange *x, const struct upload_kind *kind) {
    struct err err;
    struct upload upload = {.x = x, .kind = kind};
    limit_progress(&upload);
    find_names(x, &upload.names);
    find_conditions(x, &upload.conditions);
    open_report(&upload);
    bool good = find_token(&upload, &err) && take_body(&upload, &err);
    bool has_begun = upload_report_has_begun(&upload.report);
    if (good) {
        upload_report_evaluate(&upload.report); /* holds no connection for imports */
        upload_report_answer(&upload.report);
    } else {
        upload_report_answer_error(&upload.report, &err);
    }
    upload_source_close(&upload.source);
    body_close(&upload.body);
    upload_report_free(&upload.report);
    if (has_begun) x->service->wake_maintenance(x->service->maintenance);
}

/* ---- the routes -------------------------------------------------------------------------- */

enum {
    DATASET,
    NEW_DATASET,
    ADDITION,
    RUN,
    PREDICTIONS,
    PREDICTIONS_FORM
};

/* What differs between the six routes. */
static const struct upload_kind kinds[] = {
    [DATASET] = {.is_run = false},
    [NEW_DATASET] = {.is_run = false, .creates_only = true, .page = PAGE_FOR_BROWSERS},
    [ADDITION] = {.is_run = false, .adds = true},
    [RUN] = {.is_run = true},
    [PREDICTIONS] = {.is_run = true, .takes_several = true, .takes_path = true},
    [PREDICTIONS_FORM] = {.is_run = true, .takes_several = true, .page = PAGE_ALWAYS},
};

void upload_dataset(struct exchange *x) {
    run_upload(x, &kinds[DATASET]);
}

void upload_new_dataset(struct exchange *x) {
    run_upload(x, &kinds[NEW_DATASET]);
}

void upload_addition(struct exchange *x) {
    run_upload(x, &kinds[ADDITION]);
}

void upload_run(struct exchange *x) {
    run_upload(x, &kinds[RUN]);
}

void upload_predictions(struct exchange *x) {
    run_upload(x, &kinds[PREDICTIONS]);
}

void upload_predictions_form(struct exchange *x) {
    run_upload(x, &kinds[PREDICTIONS_FORM]);
}
