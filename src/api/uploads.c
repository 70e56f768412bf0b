/* Routes that take a file: see uploads.h. */
#include "api/uploads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "api/conditions.h"
#include "api/documents.h"
#include "api/form.h"
#include "api/form_runs.h"
#include "api/server_source.h"
#include "base/log.h"
#include "http/decoder.h"
#include "http/problem.h"
#include "import/import.h"

enum {
    NAME_ROOM = 128,
    TOKEN_MAX = 40
};

/* One upload, from its parameters to its answer. */
struct upload {
    struct exchange *x;
    bool is_run;
    bool is_form_page; /* answered by sending the browser to the page of the import */
    bool create_only;
    bool takes_several; /* files of a form, a run each */
    bool takes_path;    /* of a file of the server's own, in the place of a file */
    bool run_is_given;  /* not made from the file's name */
    struct import_conditions conditions;
    char token[TOKEN_MAX + 1];
    char dataset[NAME_ROOM];
    char run[NAME_ROOM];
    char split[NAME_ROOM];
    struct body body;
    struct form_field fields[2]; /* that a form may bring */
    struct form form;
    struct decoder transfer; /* of a body with a Content-Encoding */
    struct decoder file;     /* of a file that is compressed itself */
    struct server_source source;
    struct form_runs runs;
    struct import_outcome outcome;
};

/* ---- before the body --------------------------------------------------------------------- */

static bool is_token(const char *text) {
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return len > 0 && len <= TOKEN_MAX && text[len] == '\0';
}

/* The client's name for the upload, or one that nobody can guess. */
static bool find_token(struct upload *upload, struct err *err) {
    unsigned char random[8];
    int found =
        request_parameter(upload->x->request, "import", upload->token, sizeof upload->token);
    if (found == 1 && is_token(upload->token)) return true;
    if (found != 0) {
        upload->token[0] = '\0';
        err_set(err, ERR_BAD_REQUEST,
                "import is made of 1 to %d letters, digits, dashes and underscores", TOKEN_MAX);
    }
    if (getrandom(random, sizeof random, 0) != sizeof random) {
        return err_set(err, ERR_INTERNAL, "no random numbers are to be had");
    }
    for (size_t i = 0; i < sizeof random; i++) {
        snprintf(upload->token + 2 * i, 3, "%02x", random[i]);
    }
    return found == 0;
}

/* A parameter of the query string, unless the address has named it already. It may also come as a
 * field of the form. */
static bool find_parameter(struct upload *upload, const char *name, char *into, struct err *err) {
    if (into[0] != '\0') return true;
    if (request_parameter(upload->x->request, name, into, NAME_ROOM) >= 0) return true;
    return err_set(err, ERR_BAD_REQUEST, "%s is too long or not properly encoded", name);
}

static bool find_parameters(struct upload *upload, struct err *err) {
    const struct request *request = upload->x->request;
    return find_token(upload, err) &&
           conditions_read(request, upload->is_run, &upload->conditions, err) &&
           (upload->is_run ? find_parameter(upload, "run_name", upload->run, err)
                           : find_parameter(upload, "name", upload->dataset, err) &&
                                 find_parameter(upload, "split", upload->split, err));
}

/* Refuses an unknown dataset before a byte of the body is read. */
static bool check_dataset(struct upload *upload, struct err *err) {
    if (!upload->is_run || upload->dataset[0] == '\0') return true;
    struct buf nothing;
    struct exchange ask = {.service = upload->x->service, .request = upload->x->request};
    snprintf(ask.parameters[0], sizeof ask.parameters[0], "%s", upload->dataset);
    buf_init(&nothing, 4096);
    bool good = document_read(&ask, "select (coco.dataset_find($1)).id", &nothing, err);
    buf_free(&nothing);
    return good;
}

/* ---- the body ---------------------------------------------------------------------------- */

static bool add_run(struct upload *upload, const char *filename, struct err *err) {
    char name[RUN_NAME_ROOM];
    run_name_from_file(filename, run_name_fallback, name);
    return form_runs_add(&upload->runs, name, err);
}

/* Of a file behind the first one. */
static bool allow_another(void *self, const char *filename, struct err *err) {
    struct upload *upload = self;
    if (!upload->run_is_given) return add_run(upload, filename, err);
    return err_set(err, ERR_BAD_REQUEST,
                   "run_name names one run, and the form has more than one file");
}

/* What the address has named is not named again by a field. */
static size_t offer_field(struct upload *upload, size_t count, struct form_field field) {
    if (field.into[0] == '\0') upload->fields[count++] = field;
    return count;
}

static void open_form_file(struct upload *upload) {
    decoder_open(&upload->file, &upload->form.file, upload->body.limits.max_bytes);
    upload->file.only_plain = upload->body.encoded;
}

static bool read_to_file(struct upload *upload, struct err *err) {
    const struct form_field of_run[] = {{"dataset", upload->dataset, NAME_ROOM},
                                        {"run_name", upload->run, NAME_ROOM}};
    const struct form_field of_dataset[] = {{"name", upload->dataset, NAME_ROOM},
                                            {"split", upload->split, NAME_ROOM}};
    const struct form_field *fields = upload->is_run ? of_run : of_dataset;
    size_t count = offer_field(upload, 0, fields[0]);
    count = offer_field(upload, count, fields[1]);
    decoder_open(&upload->transfer, &upload->body.reader, upload->body.limits.max_bytes);
    const struct reader *body =
        upload->body.encoded ? &upload->transfer.reader : &upload->body.reader;
    if (!form_open(&upload->form, upload->x->request, body, upload->fields, count, err)) {
        return false;
    }
    if (upload->takes_several) {
        upload->form.another = allow_another;
        upload->form.self = upload;
    }
    open_form_file(upload);
    return true;
}

/* Of the present file, as form_runs knows it. */
static void take_run_name(struct upload *upload) {
    memcpy(upload->run, upload->runs.names[upload->runs.imported], RUN_NAME_ROOM);
}

static bool check_names(struct upload *upload, struct err *err) {
    if (upload->dataset[0] == '\0') {
        return err_set(err, ERR_BAD_REQUEST, "%s is missing", upload->is_run ? "dataset" : "name");
    }
    upload->run_is_given = upload->run[0] != '\0';
    if (!upload->is_run || upload->run_is_given) return true;
    if (!add_run(upload, upload->form.filename, err)) return false;
    take_run_name(upload);
    return true;
}

/* Opens a file of the server's own if the body names one. */
static bool open_servers(struct upload *upload, bool *found, struct err *err) {
    *found = false;
    if (!upload->takes_path || upload->body.encoded || form_is(upload->x->request)) return true;
    if (!server_source_open(&upload->source, upload->x->service, &upload->body, found, err)) {
        return false;
    }
    if (!*found) return true;
    if (upload->source.has_directory && upload->conditions.category_offset != 0) {
        return err_set(err, ERR_BAD_REQUEST,
                       "category_offset is for ids, and detection_annotation goes by names");
    }
    decoder_open(&upload->file, &upload->source.file.reader, upload->body.limits.max_bytes);
    return server_source_name_run(&upload->source, upload->run, sizeof upload->run, err);
}

/* ---- the import -------------------------------------------------------------------------- */

static bool import_file(struct upload *upload, struct db *db, struct err *err) {
    struct service *service = upload->x->service;
    struct import_target target = {
        .token = upload->token,
        .dataset = upload->dataset,
        .run = upload->is_run ? upload->run : NULL,
        .split = upload->split[0] ? upload->split : NULL,
        .create_only = upload->create_only,
        .conditions = upload->conditions,
        .directory = upload->source.has_directory ? &upload->source.directory : NULL,
    };
    const struct reader *file = upload->source.has_directory ? NULL : &upload->file.reader;
    if (!(upload->is_run ? import_run : import_ground_truth)(
            db, &target, file, &service->json_limits, &upload->outcome, err)) {
        return false;
    }
    log_info("import %s: %s %s, %llu bytes", upload->token, upload->dataset,
             upload->is_run ? upload->run : "ground truth",
             (unsigned long long)upload->body.received);
    return true;
}

/* Makes ready for the file that has begun behind the one that was imported. */
static void begin_next_file(struct upload *upload) {
    take_run_name(upload);
    decoder_close(&upload->file);
    open_form_file(upload);
    import_outcome_free(&upload->outcome);
    import_outcome_init(&upload->outcome);
}

static bool import_files(struct upload *upload, struct db *db, struct err *err) {
    for (;;) {
        if (!import_file(upload, db, err)) return false;
        if (!upload->takes_several) return true;
        form_runs_imported(&upload->runs, &upload->outcome.document);
        if (!form_next_file(&upload->form)) return true;
        begin_next_file(upload);
    }
}

/* Its first 64 KiB, or all of it. */
static bool open_body(struct upload *upload, struct err *err) {
    return body_open(&upload->body, upload->x->request, &upload->x->service->body_limits, err) &&
           check_dataset(upload, err) && body_prefetch(&upload->body, err);
}

/* Up to the first byte of the file. */
static bool find_file(struct upload *upload, struct err *err) {
    bool found;
    return open_servers(upload, &found, err) && (found || read_to_file(upload, err)) &&
           check_names(upload, err);
}

/* Unpacking and listing directories take memory: for as many at a time as there are connections. */
static bool take_file(struct upload *upload, struct err *err) {
    struct pool *pool = upload->x->service->long_pool;
    if (!open_body(upload, err)) return false;
    struct db *db = pool_take(pool, LONG_WAIT_MS, err);
    if (!db) return false;
    bool good = find_file(upload, err) && import_files(upload, db, err);
    pool_give(pool, db);
    return good;
}

/* ---- the answer -------------------------------------------------------------------------- */

static void see_import(struct upload *upload) {
    char location[sizeof "/imports/" + TOKEN_MAX];
    snprintf(location, sizeof location, "/imports/%s", upload->token);
    answer_see_other(upload->x, location);
}

/* Of all files, where there were several. */
static void join_documents(struct upload *upload) {
    struct buf *document = &upload->outcome.document;
    if (upload->runs.imported < 2) return;
    buf_reset(document);
    form_runs_write(&upload->runs, upload->conditions.dry_run, document);
}

static void succeed(struct upload *upload) {
    struct buf *document = &upload->outcome.document;
    char location[sizeof "/datasets/" + NAME_ROOM];
    snprintf(location, sizeof location, "/datasets/%s", upload->dataset);
    join_documents(upload);
    if (upload->conditions.dry_run) {
        answer_document(upload->x, 200, "Dry run", document, NULL);
    } else if (upload->is_form_page) {
        see_import(upload);
    } else if (upload->outcome.created) {
        answer_document(upload->x, 201, "Dataset added", document, location);
    } else {
        answer_document(upload->x, 200, "Imported", document, NULL);
    }
}

/* Keeps the failure for whoever asks for the import by its token. False when it cannot be. */
static bool record_failure(struct upload *upload, const struct err *failure, const char *skips,
                           const char *more) {
    struct err err;
    struct buf problem;
    struct import_target target = {
        .token = upload->token,
        .dataset = upload->dataset,
        .run = upload->is_run ? upload->run : NULL,
    };
    struct pool *pool = upload->x->service->short_pool;
    struct db *db = pool_take(pool, SHORT_WAIT_MS, &err);
    if (!db) return false;
    buf_init(&problem, ANSWER_MAX);
    problem_write(failure, skips, more, &problem);
    bool good = import_record_failure(db, &target, &upload->outcome, buf_text(&problem), &err);
    if (!good) log_failure(upload->x, &err);
    buf_free(&problem);
    pool_give(pool, db);
    return good;
}

static void fail(struct upload *upload, const struct err *err) {
    const char *skips = buf_text(&upload->outcome.document);
    struct buf more;
    buf_init(&more, ANSWER_MAX);
    form_runs_write_problem(&upload->runs, upload->conditions.dry_run, upload->form.filename,
                            &more);
    log_info("import %s: %s", upload->token, err_slug(err->code));
    /* Nothing is kept of an import that never began: requests must not fill the database. */
    bool began = upload->outcome.import_id[0] != '\0';
    bool kept = began && record_failure(upload, err, skips, buf_text(&more));
    if (upload->is_form_page && kept) {
        log_failure(upload->x, err);
        see_import(upload);
    } else {
        answer_error_with(upload->x, err, skips, buf_text(&more));
    }
    buf_free(&more);
}

static void run_upload(struct upload *upload) {
    struct err err;
    struct exchange *x = upload->x;
    import_outcome_init(&upload->outcome);
    form_runs_init(&upload->runs);
    bool good = find_parameters(upload, &err) && take_file(upload, &err);
    bool has_begun = good || upload->outcome.import_id[0] || upload->runs.imported > 0;
    if (good) {
        succeed(upload);
    } else {
        fail(upload, &err);
    }
    decoder_close(&upload->file);
    server_source_close(&upload->source);
    form_close(&upload->form);
    decoder_close(&upload->transfer);
    body_close(&upload->body);
    form_runs_free(&upload->runs);
    import_outcome_free(&upload->outcome);
    if (has_begun) x->service->wake_maintenance(x->service->maintenance);
}

void upload_dataset(struct exchange *x, const char *sql) {
    (void)sql;
    struct upload upload = {.x = x};
    memcpy(upload.dataset, x->parameters[0], sizeof upload.dataset);
    run_upload(&upload);
}

void upload_new_dataset(struct exchange *x, const char *sql) {
    (void)sql;
    struct upload upload = {.x = x, .create_only = true};
    upload.is_form_page = request_wants_html(x->request);
    run_upload(&upload);
}

void upload_run(struct exchange *x, const char *sql) {
    (void)sql;
    struct upload upload = {.x = x, .is_run = true};
    memcpy(upload.dataset, x->parameters[0], sizeof upload.dataset);
    memcpy(upload.run, x->parameters[1], sizeof upload.run);
    run_upload(&upload);
}

void upload_predictions(struct exchange *x, const char *sql) {
    (void)sql;
    struct upload upload = {.x = x, .is_run = true, .takes_several = true, .takes_path = true};
    memcpy(upload.dataset, x->parameters[0], sizeof upload.dataset);
    run_upload(&upload);
}

void upload_predictions_form(struct exchange *x, const char *sql) {
    (void)sql;
    struct upload upload = {.x = x, .is_run = true, .takes_several = true, .is_form_page = true};
    run_upload(&upload);
}
