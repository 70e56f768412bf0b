/*
 * The headers of a part of a form (RFC 7578 section 4): its name, and the name of its file.
 */
#ifndef PGCOCO_HTTP_MULTIPART_PART_H
#define PGCOCO_HTTP_MULTIPART_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
    MULTIPART_NAME_MAX = 64,
    MULTIPART_FILENAME_MAX = 1024
};

struct multipart_part {
    char name[MULTIPART_NAME_MAX + 1];
    char filename[MULTIPART_FILENAME_MAX + 1]; /* as sent; empty when there is none */
    bool has_filename;
};

/* From the header lines, len bytes in which each line ends with CR LF. ERR_BAD_REQUEST when they
 * are malformed, give no name, or declare a Content-Transfer-Encoding that would have to be
 * undone. */
bool multipart_part_read(struct multipart_part *part, const char *text, size_t len,
                         struct err *err);

#endif
