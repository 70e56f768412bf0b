/* The headers of a part of a form (RFC 7578 section 4): name, and file name. */
#ifndef PGCOCO_HTTP_MULTIPART_PART_H
#define PGCOCO_HTTP_MULTIPART_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
    MULTIPART_NAME_MAX = 64, /* bytes, without the NUL */
    MULTIPART_FILENAME_MAX = 1024
};

struct multipart_part {
    char name[MULTIPART_NAME_MAX + 1];
    char filename[MULTIPART_FILENAME_MAX + 1]; /* as sent; empty if there is none */
    bool has_filename;
};

/* Reads the header lines: len bytes, each line with CR LF. ERR_BAD_REQUEST if they are malformed,
 * have no name, or have a Content-Transfer-Encoding that would have to be decoded. */
bool multipart_part_read(struct multipart_part *part, const char *text, size_t len,
                         struct err *err);

#endif
