/* The file of an upload and the fields beside it: see form.h. */
#include "api/form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static ssize_t read_file(void *self, char *into, size_t room, struct err *err);

static const struct form_field *find_field(const struct form *form, const char *name) {
    for (size_t i = 0; i < form->field_count; i++) {
        if (strcmp(form->fields[i].name, name) == 0) return &form->fields[i];
    }
    return NULL;
}

static bool has_file(const struct multipart_part *part) {
    return strcmp(part->name, "file") == 0;
}

static bool take_filename(const struct multipart_part *part, char *into, struct err *err) {
    if (part->has_filename && part->filename[0] == '\0') {
        return err_set(err, ERR_BAD_REQUEST, "no file was chosen");
    }
    memcpy(into, part->filename, sizeof part->filename);
    return true;
}

/* Takes the fields until the file comes. */
static bool read_fields(struct form *form, struct err *err) {
    for (;;) {
        struct multipart_part part;
        bool more;
        if (!multipart_next_part(form->multipart, &part, &more, err)) return false;
        if (!more) return err_set(err, ERR_BAD_REQUEST, "the form has no part \"file\"");
        if (has_file(&part)) return take_filename(&part, form->filename, err);
        const struct form_field *field = find_field(form, part.name);
        if (field && !multipart_read_text(form->multipart, field->into, field->room, err)) {
            return false;
        }
    }
}

bool form_is(const struct request *request) {
    static const char form[] = "multipart/form-data";
    return strncasecmp(request_variable(request, "CONTENT_TYPE"), form, sizeof form - 1) == 0;
}

bool form_open(struct form *form, const struct request *request, const struct reader *body,
               const struct form_field *fields, size_t field_count, struct err *err) {
    *form = (struct form){.fields = fields, .field_count = field_count};
    form->file = *body;
    if (!form_is(request)) return true;
    const char *type = request_variable(request, "CONTENT_TYPE");
    form->file = (struct reader){.read = read_file, .self = form};
    form->multipart = malloc(sizeof *form->multipart);
    if (!form->multipart) return err_set(err, ERR_BUSY, "out of memory");
    return multipart_open(form->multipart, body, type, err) && read_fields(form, err);
}

void form_close(struct form *form) {
    free(form->multipart);
    form->multipart = NULL;
}

static bool begin_next(struct form *form, const struct multipart_part *part, struct err *err) {
    if (!form->another) {
        return err_set(err, ERR_BAD_REQUEST, "the form has more than one part \"file\"");
    }
    form->has_next = take_filename(part, form->next_filename, err) &&
                     form->another(form->self, form->next_filename, err);
    return form->has_next;
}

/* To the next file, or the end of the form. What comes behind a file must not have been meant for it. */
static bool check_rest(struct form *form, struct err *err) {
    for (;;) {
        struct multipart_part part;
        bool more;
        if (!multipart_next_part(form->multipart, &part, &more, err)) return false;
        if (!more) return true;
        if (has_file(&part)) return begin_next(form, &part, err);
        const struct form_field *field = find_field(form, part.name);
        if (field) {
            return err_set(err, ERR_BAD_REQUEST, "%s must come before file in the form",
                           field->name);
        }
    }
}

static ssize_t read_file(void *self, char *into, size_t room, struct err *err) {
    struct form *form = self;
    ssize_t len = multipart_read(form->multipart, into, room, err);
    if (len != 0) return len;
    return check_rest(form, err) ? 0 : -1;
}

bool form_next_file(struct form *form) {
    if (!form->has_next) return false;
    memcpy(form->filename, form->next_filename, sizeof form->filename);
    form->has_next = false;
    return true;
}
