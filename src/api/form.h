/*
 * A form: short fields, then files, which are streamed (http/multipart). The owner of the form
 * decides what fields mean and which files are accepted.
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
    FORM_FIELDS = 2,
    FORM_FIELD_ROOM = 128,
    FORM_HEAD_MAX = 64 * 1024 /* bytes of a form before its first file */
};

/* The destination of a field's text, and what the address says already ("": nothing). */
struct form_field {
    const char *name;
    char *into;
    size_t room; /* bytes, with the NUL; at most FORM_FIELD_ROOM */
};

/* Called for each file before its first byte. To refuse the file, fills *err and returns false;
 * reading the file before it then fails with this error. */
typedef bool form_file_comes(void *self, const char *filename, struct err *err);

/* All zero at first. Set fields, several, file_comes and self before form_open. */
struct form {
    struct form_field fields[FORM_FIELDS];
    bool is_read[FORM_FIELDS]; /* the field has come */
    size_t field_count;
    bool several;                /* accept more than one file */
    form_file_comes *file_comes; /* NULL: accept all files */
    void *self;                  /* first argument of file_comes */

    /* Reads the current file. The end is reported only if what follows is valid: the headers of
     * another file, or the rest of the form. */
    struct reader file;
    char filename[MULTIPART_FILENAME_MAX + 1]; /* as sent */
    struct multipart *multipart;
    const struct reader *body;
    struct reader head; /* the body, at most FORM_HEAD_MAX of it before the first file */
    size_t head_len;
    bool has_file; /* its first file has begun */
    bool has_next; /* the headers of another file have been read */
    char next_filename[MULTIPART_FILENAME_MAX + 1];
};

/* True if the body of the request is a form. */
bool form_is(const struct request *request);

/* Adds a field, at most FORM_FIELDS. If the form does not have it, or an empty one, the text in
 * `into` is kept. */
void form_offer_field(struct form *form, const struct form_field *field);

/* Reads up to the first file; form_next_file then gives it. body must outlive the form.
 * ERR_BAD_REQUEST if there is no file in FORM_HEAD_MAX bytes, or for a field that is too long,
 * comes twice, contradicts the address, or is not known. The same is found behind a file before
 * the file's end is reported. Call form_close in any case. */
bool form_open(struct form *form, const struct request *request, const struct reader *body,
               struct err *err);
void form_close(struct form *form);

/* Makes the next file the current one. The file before must have been read to its end. False if
 * there are no more. */
bool form_next_file(struct form *form);

#endif
