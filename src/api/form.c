/* Reads a form of fields and files: see form.h. */
#include "api/form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/shown.h"

/* ---- fields ------------------------------------------------------------------------------ */

/* Returns the index of the field; field_count if there is none. */
static size_t find_field(const struct form *form, const char *name) {
    size_t i = 0;
    while (i < form->field_count && strcmp(form->fields[i].name, name) != 0) i++;
    return i;
}

/* Refuses an unknown part and lists the known ones: with a misspelt run_name the file would replace
 * another run. */
static bool refuse_part(const struct form *form, const char *name, struct err *err) {
    char sent[SHOWN_ROOM];
    struct buf known;
    buf_init(&known, sizeof err->message);
    for (size_t i = 0; i < form->field_count; i++) buf_printf(&known, "%s, ", form->fields[i].name);
    err_set(err, ERR_BAD_REQUEST,
            "there is no part \"%s\" in this form; it has: %sfile. Parameters such as dry_run=1 "
            "belong in the address",
            shown(name, sent), buf_text(&known));
    buf_free(&known);
    return false;
}

/* Takes the text of a field, unless the address says the same. An empty one counts as not given,
 * because browsers send all fields. */
static bool set_field(const struct form_field *field, const char *text, struct err *err) {
    if (text[0] == '\0') return true;
    if (field->into[0] && strcmp(field->into, text) != 0) {
        return err_set(err, ERR_BAD_REQUEST,
                       "%s in the form and in the address differ: give one of them", field->name);
    }
    memcpy(field->into, text, strlen(text) + 1);
    return true;
}

/* Reads a part that is not a file. */
static bool read_field(struct form *form, const char *name, struct err *err) {
    char text[FORM_FIELD_ROOM];
    size_t i = find_field(form, name);
    if (i == form->field_count) return refuse_part(form, name, err);
    const struct form_field *field = &form->fields[i];
    if (form->is_read[i]) {
        return err_set(err, ERR_BAD_REQUEST, "the form has %s twice; send it once", field->name);
    }
    form->is_read[i] = true;
    return multipart_read_text(form->multipart, text, field->room, err) &&
           set_field(field, text, err);
}

/* ---- files ------------------------------------------------------------------------------- */

static bool has_file(const struct multipart_part *part) {
    return strcmp(part->name, "file") == 0;
}

/* Starts with a file. If no file was chosen, browsers send a part with an empty file name. */
static bool begin_file(struct form *form, const struct multipart_part *part, struct err *err) {
    if (part->has_filename && part->filename[0] == '\0') {
        return err_set(err, ERR_BAD_REQUEST, "no file was chosen");
    }
    if (form->file_comes && !form->file_comes(form->self, part->filename, err)) return false;
    memcpy(form->next_filename, part->filename, sizeof form->next_filename);
    form->has_next = form->has_file = true;
    return true;
}

/* Reads the fields up to the first file. */
static bool read_fields(struct form *form, struct err *err) {
    for (;;) {
        struct multipart_part part;
        bool more;
        if (!multipart_next_part(form->multipart, &part, &more, err)) return false;
        if (!more)
            return err_set(err, ERR_BAD_REQUEST,
                           "the form has no part \"file\": send the file under this name");
        if (has_file(&part)) return begin_file(form, &part, err);
        if (!read_field(form, part.name, err)) return false;
    }
}

/* Reads up to the next file, or to the end of the form. Fields must come before the files. */
static bool read_on(struct form *form, struct err *err) {
    struct multipart_part part;
    bool more;
    if (!multipart_next_part(form->multipart, &part, &more, err)) return false;
    if (!more) return true;
    if (has_file(&part)) {
        if (form->several) return begin_file(form, &part, err);
        return err_set(err, ERR_BAD_REQUEST,
                       "the form has more than one part \"file\", but this address takes one file");
    }
    if (find_field(form, part.name) == form->field_count) return refuse_part(form, part.name, err);
    return err_set(err, ERR_BAD_REQUEST, "%s must come before the file in the form", part.name);
}

static ssize_t read_file(void *self, char *into, size_t room, struct err *err) {
    struct form *form = self;
    ssize_t len = multipart_read(form->multipart, into, room, err);
    if (len != 0) return len;
    return read_on(form, err) ? 0 : -1;
}

/* Reads the body. What comes before the first file is of no use to anybody, so it has a limit; the
 * multipart reader may have read on into the file. */
static ssize_t read_head(void *self, char *into, size_t room, struct err *err) {
    struct form *form = self;
    if (!form->has_file && form->head_len >= FORM_HEAD_MAX + MULTIPART_BUFFER) {
        err_set(
            err, ERR_BAD_REQUEST,
            "the form has no part \"file\" in its first %d KiB: send fields that are short, and "
            "then the file",
            FORM_HEAD_MAX / 1024);
        return -1;
    }
    ssize_t len = reader_read(form->body, into, room, err);
    if (len > 0 && !form->has_file) form->head_len += (size_t)len;
    return len;
}

bool form_is(const struct request *request) {
    static const char form[] = "multipart/form-data";
    return strncasecmp(request_variable(request, "CONTENT_TYPE"), form, sizeof form - 1) == 0;
}

void form_offer_field(struct form *form, const struct form_field *field) {
    form->fields[form->field_count++] = *field;
}

bool form_open(struct form *form, const struct request *request, const struct reader *body,
               struct err *err) {
    form->file = (struct reader){.read = read_file, .self = form};
    form->multipart = malloc(sizeof *form->multipart);
    if (!form->multipart) return err_set(err, ERR_BUSY, "out of memory for a form");
    form->body = body;
    form->head = (struct reader){.read = read_head, .self = form};
    return multipart_open(form->multipart, &form->head, request_variable(request, "CONTENT_TYPE"),
                          err) &&
           read_fields(form, err);
}

void form_close(struct form *form) {
    free(form->multipart);
    form->multipart = NULL;
}

bool form_next_file(struct form *form) {
    if (!form->has_next) return false;
    memcpy(form->filename, form->next_filename, sizeof form->filename);
    form->has_next = false;
    return true;
}
