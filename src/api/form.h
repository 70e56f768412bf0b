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

struct form {
    struct reader file; /* ends only when all that follows the file is in order, too */
    char filename[MULTIPART_FILENAME_MAX + 1]; /* "" when the body is the file itself */
    struct multipart *multipart;               /* NULL: the body is the file */
    const struct form_field *fields;
    size_t field_count;
};

/* Reads up to the file. fields and body must outlive the form; form_close is due in any case.
 * ERR_BAD_REQUEST when there is no file, or a field that is too long. */
bool form_open(struct form *form, const struct request *request, const struct reader *body,
               const struct form_field *fields, size_t field_count, struct err *err);
void form_close(struct form *form);

/* A run's name after its file's: `yolov8 (1).json.gz` → `yolov8-1`; "prediction" when nothing is
 * left. into: room for 64 bytes. */
void form_run_name(const char *filename, char *into);

#endif
