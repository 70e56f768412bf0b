/*
 * Reads multipart/form-data (RFC 7578, RFC 2046) as a stream. Parts come in the order of the form;
 * the bytes of a file pass through without being kept. Works with any split of the bytes.
 *
 *     multipart_open, multipart_next_part … up to the file, then read multipart_reader(),
 *     then multipart_next_part until there are no more: only then is the form complete.
 */
#ifndef PGCOCO_HTTP_MULTIPART_H
#define PGCOCO_HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/reader.h"
#include "http/multipart_delimiter.h"
#include "http/multipart_part.h"

enum {
    MULTIPART_HEADER_MAX = 8 * 1024, /* bytes of all headers of one part */
    MULTIPART_BUFFER = 16 * 1024     /* bytes */
};

/*
 *      start                content_end        filled
 *        |-- content to pass on --|-- unknown ---|
 */
struct multipart {
    const struct reader *source;
    struct multipart_delimiter delimiter;
    char buffer[MULTIPART_BUFFER];
    size_t start;
    size_t content_end;
    size_t filled;
    enum multipart_line line; /* at content_end */
    size_t line_len;          /* length of the delimiter line there, if it is one */
    bool source_ended;
    bool in_part;  /* between the headers of a part and the next delimiter */
    bool finished; /* the closing delimiter and the end of the source were read */
};

/* Starts without reading. content_type: the header of the request, such as `multipart/form-data;
 * boundary="x"`; ERR_BAD_REQUEST if it has no usable boundary. source must outlive *multipart. */
bool multipart_open(struct multipart *multipart, const struct reader *source,
                    const char *content_type, struct err *err);

/* Skips the rest of the current part and reads the headers of the next one. *more is false after
 * the last part; the source has then been read to its end. ERR_BAD_REQUEST for a malformed form (no
 * name, a header that is too long, ...), ERR_TRUNCATED if it ends before the closing delimiter, or
 * an error of the source. */
bool multipart_next_part(struct multipart *multipart, struct multipart_part *part, bool *more,
                         struct err *err);

/* Reads the content of the current part, by the rules of struct reader. Returns 0 when the
 * delimiter after the part has been read. */
ssize_t multipart_read(struct multipart *multipart, char *into, size_t room, struct err *err);

/* Returns multipart_read as a reader, valid as long as *multipart. */
struct reader multipart_reader(struct multipart *multipart);

/* Reads the whole content of the current part, a short text field, into `into` (room > 0 bytes,
 * with a closing NUL). ERR_BAD_REQUEST if it does not fit or holds a NUL. */
bool multipart_read_text(struct multipart *multipart, char *into, size_t room, struct err *err);

#endif
