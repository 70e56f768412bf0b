/* Gives the files of an upload: see upload_source.h. */
#include "api/upload_source.h"

#include <string.h>
#include <strings.h>

/* ---- the body itself --------------------------------------------------------------------- */

static bool next_of_body(struct upload_source *source, struct upload_file *file) {
    if (source->body_is_taken) return false;
    source->body_is_taken = true;
    file->filename = "";
    file->reader = source->bytes;
    return true;
}

/* True for a form as curl -d writes it. It begins with a name and "=", or with an escaped bracket;
 * JSON, which curl -d sends under the same type, does neither. */
static bool is_urlencoded(const struct body *body) {
    static const char type[] = "application/x-www-form-urlencoded";
    static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+";
    const char *text = body->prefetched;
    size_t len = 0;
    if (body->encoded ||
        strncasecmp(request_variable(body->request, "CONTENT_TYPE"), type, sizeof type - 1) != 0) {
        return false;
    }
    while (len < body->prefetched_len && memchr(name, text[len], sizeof name - 1)) len++;
    return len < body->prefetched_len && (text[len] == '=' || (len == 0 && text[0] == '%'));
}

static bool open_body(struct upload_source *source, const struct upload_names *names,
                      struct err *err) {
    source->next = next_of_body;
    if (is_urlencoded(source->body)) {
        return err_set(
            err, ERR_UNSUPPORTED_MEDIA_TYPE,
            "this is an urlencoded form, which holds no file: send the file alone (curl "
            "-T FILE, or --data-binary @FILE), or a multipart form (curl -F file=@FILE)");
    }
    if (source->is_run && names->dataset[0] == '\0') {
        return err_set(err, ERR_BAD_REQUEST,
                       "this address takes a form: send the fields dataset and run_name, then the "
                       "file (curl -F dataset=NAME -F file=@FILE)");
    }
    return !source->is_run || upload_runs_add(&source->runs, "", err);
}

/* ---- a form ------------------------------------------------------------------------------ */

static bool next_of_form(struct upload_source *source, struct upload_file *file) {
    if (!form_next_file(&source->form)) return false;
    file->filename = source->form.filename;
    file->reader = &source->form.file;
    return true;
}

static void offer_fields(struct form *form, const struct upload_kind *kind,
                         struct upload_names *names) {
    const struct form_field of_run[] = {{"dataset", names->dataset, UPLOAD_NAME_ROOM},
                                        {"run_name", names->run, UPLOAD_NAME_ROOM}};
    const struct form_field of_dataset[] = {{"name", names->dataset, UPLOAD_NAME_ROOM},
                                            {"split", names->split, UPLOAD_NAME_ROOM}};
    const struct form_field *fields = kind->is_run ? of_run : of_dataset;
    for (size_t i = 0; i < 2; i++) form_offer_field(form, &fields[i]);
}

static bool name_run(void *self, const char *filename, struct err *err) {
    return upload_runs_add(self, filename, err);
}

static bool open_form(struct upload_source *source, const struct upload_kind *kind,
                      struct upload_names *names, struct err *err) {
    struct form *form = &source->form;
    source->next = next_of_form;
    offer_fields(form, kind, names);
    form->several = kind->takes_several;
    form->file_comes = kind->is_run ? name_run : NULL;
    form->self = &source->runs;
    return form_open(form, source->body->request, source->bytes, err);
}

/* ---- a file of the server ---------------------------------------------------------------- */

static bool next_of_server(struct upload_source *source, struct upload_file *file) {
    struct server_source *server = &source->server;
    if (!server_source_next(server)) return false;
    file->filename = server_source_filename(server);
    file->reader = server->has_file ? &server->file.reader : NULL;
    file->directory = server->has_directory ? &server->directory : NULL;
    file->received = server->has_file ? &server->file.received : &server->directory.bytes;
    return true;
}

/* *found is false if the body is a file itself. */
static bool try_server(struct upload_source *source, const struct service *service,
                       struct upload_names *names, bool *found, struct err *err) {
    struct server_source *server = &source->server;
    if (!server_source_open(server, service, source->body, found, err)) return false;
    if (!*found) return true;
    source->next = next_of_server;
    return server_source_name_run(server, names->run, sizeof names->run, err) &&
           upload_runs_add(&source->runs, server_source_filename(server), err);
}

/* ---- any of them ------------------------------------------------------------------------- */

bool upload_source_open(struct upload_source *source, const struct service *service,
                        const struct upload_kind *kind, const struct body *body,
                        struct upload_names *names, struct err *err) {
    bool found = false;
    source->body = body;
    source->is_run = kind->is_run;
    source->runs.given = names->run;
    decoder_open(&source->transfer, &body->reader, body->limits.max_bytes);
    source->bytes = body->encoded ? &source->transfer.reader : &body->reader;
    if (form_is(body->request)) return open_form(source, kind, names, err);
    if (kind->takes_path && !body->encoded && !try_server(source, service, names, &found, err)) {
        return false;
    }
    return found || open_body(source, names, err);
}

void upload_source_close(struct upload_source *source) {
    decoder_close(&source->plain);
    decoder_close(&source->file);
    server_source_close(&source->server);
    form_close(&source->form);
    decoder_close(&source->transfer);
}

/* A file may be compressed, but not in a compressed body, or file: compressed twice it could pass
 * the limits. */
static void unpack(struct upload_source *source, struct upload_file *file) {
    decoder_close(&source->plain);
    decoder_close(&source->file);
    if (!file->reader) return;
    decoder_open(&source->file, file->reader, source->body->limits.max_bytes);
    source->file.only_plain = source->body->encoded;
    decoder_open(&source->plain, &source->file.reader, 0);
    source->plain.only_plain = true;
    file->reader = &source->plain.reader;
}

bool upload_source_next(struct upload_source *source, struct upload_file *file) {
    *file = (struct upload_file){.received = &source->body->received};
    if (!source->next(source, file)) return false;
    unpack(source, file);
    if (source->is_run) file->run = upload_runs_next(&source->runs);
    return true;
}
