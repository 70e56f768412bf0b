/*
 * The lines that divide a form into parts (RFC 2046 section 5.1.1). A delimiter is CR LF "--"
 * boundary at the start of a line that holds nothing else but white space, and "--" on the last
 * one.
 */
#ifndef PGCOCO_HTTP_MULTIPART_DELIMITER_H
#define PGCOCO_HTTP_MULTIPART_DELIMITER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
    MULTIPART_BOUNDARY_MAX = 70, /* RFC 2046 section 5.1.1 */
    MULTIPART_PADDING_MAX = 256  /* white space between a boundary and the end of its line */
};

struct multipart_delimiter {
    char text[MULTIPART_BOUNDARY_MAX + 5]; /* CR LF - - boundary */
    size_t len;
};

/* What a CR in a form begins. */
enum multipart_line {
    MULTIPART_UNKNOWN, /* the bytes there are do not tell */
    MULTIPART_CONTENT, /* nothing */
    MULTIPART_NEXT,    /* a delimiter with a part behind it */
    MULTIPART_LAST     /* the closing delimiter */
};

/* From a request's Content-Type, e.g. `multipart/form-data; boundary="x"`. ERR_BAD_REQUEST when it
 * is another type or has no usable boundary. */
bool multipart_delimiter_find(struct multipart_delimiter *delimiter, const char *content_type,
                              struct err *err);

/* What the CR at `line` begins, of which there are bytes up to `end`. source_ended: no more will
 * come. Sets *line_len, the length of a delimiter's whole line, for MULTIPART_NEXT and _LAST. */
enum multipart_line multipart_delimiter_classify(const struct multipart_delimiter *delimiter,
                                                 const char *line, const char *end,
                                                 bool source_ended, size_t *line_len);

#endif
