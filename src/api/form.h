/*
 * A form: short fields, then files, which stream past (http/multipart). What a field means, and
 * which files may come, is up to its owner.
 */
#ifndef PGCOCO_API_FORM_H
#define PGCOCO_API_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/reader.h"
#include "http/multipart.h"
#include "http/request.h"

enum {
    FORM_FIELDS = 2
};

/* Where a field's text goes. */
struct form_field {
    const char *name;
    char *into;
    size_t room;
};

/* Hears of each file before its first byte. False with *err filled refuses it, and the file before
 * it then ends with this error. */
typedef bool form_file_comes(void *self, const char *filename, struct err *err);

/* All zero at first; fields, several, file_comes and self are set before form_open. */
struct form {
    struct form_field fields[FORM_FIELDS];
    size_t field_count;
    bool several;                /* more than one file may come */
    form_file_comes *file_comes; /* NULL: any file will do */
    void *self;                  /* its first argument */

    /* The present file. It ends only when what follows is in order: the headers of another file, or
     * everything up to the end of the form. */
    struct reader file;
    char filename[MULTIPART_FILENAME_MAX + 1]; /* as it was sent */
    struct multipart *multipart;
    bool has_next; /* the headers of another file have been read */
    char next_filename[MULTIPART_FILENAME_MAX + 1];
};

/* Whether the body of the request is a form. */
bool form_is(const struct request *request);

/* Adds a field, at most FORM_FIELDS. If it does not come, the text that is there stays. */
void form_offer_field(struct form *form, const struct form_field *field);

/* Reads up to the first file, which form_next_file then gives. body must outlive the form;
 * form_close must be called in any case. ERR_BAD_REQUEST when there is no file, or a field is too
 * long. */
bool form_open(struct form *form, const struct request *request, const struct reader *body,
               struct err *err);
void form_close(struct form *form);

/* Makes the next file the present one, which must have been read to its end. False when there is
 * none. */
bool form_next_file(struct form *form);

#endif
