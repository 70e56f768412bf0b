/*
 * The file of an upload and the fields beside it, whether the body is the file itself or a form. In
 * a form the fields come before the file, which streams past.
 */
#ifndef PGCOCO_API_FORM_H
#define PGCOCO_API_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/reader.h"
#include "http/multipart.h"
#include "http/request.h"

/* Where a field's text goes; a field that did not come keeps what is there. */
struct form_field {
    const char *name;
    char *into;
    size_t room;
};

/* Whether another file of this name may come; false with *err filled. */
typedef bool form_another(void *self, const char *filename, struct err *err);

struct form {
    /* The present file. Ends only when what follows is in order: the headers of another file, which is
     * allowed, or all there is to the end of the form. */
    struct reader file;
    char filename[MULTIPART_FILENAME_MAX + 1]; /* "" when the body is the file itself */
    struct multipart *multipart;               /* NULL: the body is the file */
    const struct form_field *fields;
    size_t field_count;
    form_another *another; /* set after form_open; NULL: one file is all there may be */
    void *self;            /* its first argument */
    bool has_next;         /* the headers of another file have been read */
    char next_filename[MULTIPART_FILENAME_MAX + 1];
};

/* Whether the body of the request is a form. */
bool form_is(const struct request *request);

/* Reads up to the file. fields and body must outlive the form; form_close is due in any case.
 * ERR_BAD_REQUEST when there is no file, or a field that is too long. */
bool form_open(struct form *form, const struct request *request, const struct reader *body,
               const struct form_field *fields, size_t field_count, struct err *err);
void form_close(struct form *form);

/* Goes on to the file behind the present one, which has been read to its end; false when there is none. */
bool form_next_file(struct form *form);

#endif
