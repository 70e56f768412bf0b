/*
 * The lines that separate the parts of a form (RFC 2046 section 5.1.1). A delimiter is CR LF "--"
 * boundary, with "--" appended to the last one; only white space may follow on its line.
 */
#ifndef PGCOCO_HTTP_MULTIPART_DELIMITER_H
#define PGCOCO_HTTP_MULTIPART_DELIMITER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
    MULTIPART_BOUNDARY_MAX = 70, /* RFC 2046 section 5.1.1 */
    MULTIPART_PADDING_MAX = 256  /* bytes of white space after a boundary */
};

struct multipart_delimiter {
    char text[MULTIPART_BOUNDARY_MAX + 5]; /* CR LF - - boundary */
    size_t len;
};

/* What a CR in a form starts. */
enum multipart_line {
    MULTIPART_UNKNOWN, /* not decidable yet */
    MULTIPART_CONTENT, /* no delimiter */
    MULTIPART_NEXT,    /* a delimiter before another part */
    MULTIPART_LAST     /* the closing delimiter */
};

/* Takes the boundary from a Content-Type such as `multipart/form-data; boundary="x"`.
 * ERR_BAD_REQUEST for another type, or without a usable boundary. */
bool multipart_delimiter_find(struct multipart_delimiter *delimiter, const char *content_type,
                              struct err *err);

/* Classifies the CR at `line`; bytes up to `end` are in memory. source_ended: no more
 * will come. For MULTIPART_NEXT and MULTIPART_LAST sets *line_len to the length of the
 * whole delimiter line. */
enum multipart_line multipart_delimiter_classify(const struct multipart_delimiter *delimiter,
                                                 const char *line, const char *end,
                                                 bool source_ended, size_t *line_len);

#endif
