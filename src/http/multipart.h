/*
 * multipart/form-data (RFC 7578, RFC 2046) as a stream: parts are read in the order they come, the
 * file's bytes pass through and are never held. Resumable at any byte.
 *
 *     multipart_open, multipart_next_part … until it is the file, then read multipart_reader(),
 *     then multipart_next_part until there is no more: only then is the form known to be whole.
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
    MULTIPART_HEADER_MAX = 8 * 1024, /* all headers of one part */
    MULTIPART_BUFFER = 16 * 1024
};

/*
 *      start                content_end        filled
 *        |-- content to hand on --|-- not known --|
 */
struct multipart {
    const struct reader *source;
    struct multipart_delimiter delimiter;
    char buffer[MULTIPART_BUFFER];
    size_t start;
    size_t content_end;
    size_t filled;
    enum multipart_line line; /* at content_end */
    size_t line_len;          /* of the delimiter line there, when it is one */
    bool source_ended;
    bool in_part;  /* between a part's headers and the delimiter behind it */
    bool finished; /* the closing delimiter was seen, and the source's end */
};

/* content_type: the request's header, e.g. `multipart/form-data; boundary="x"`. ERR_BAD_REQUEST
 * without a usable boundary. source must outlive *multipart. Nothing is read yet. */
bool multipart_open(struct multipart *multipart, const struct reader *source,
                    const char *content_type, struct err *err);

/* The headers of the next part; what was left unread of the one before is skipped. *more is false
 * behind the last part, and then the source has been read to its proper end. ERR_BAD_REQUEST for a
 * malformed form (no name, a header too long …), ERR_TRUNCATED when it ends before the closing
 * delimiter, or what the source said. */
bool multipart_next_part(struct multipart *multipart, struct multipart_part *part, bool *more,
                         struct err *err);

/* Reads the current part's content, as struct reader has it: 0 at the end of the part, when the
 * delimiter behind it was seen. */
ssize_t multipart_read(struct multipart *multipart, char *into, size_t room, struct err *err);

/* multipart_read as a source for the next station; valid as long as *multipart. */
struct reader multipart_reader(struct multipart *multipart);

/* The whole content of the current part, a short text field, into `into` (room bytes, room > 0,
 * with a closing NUL). ERR_BAD_REQUEST when it does not fit or holds a NUL byte. */
bool multipart_read_text(struct multipart *multipart, char *into, size_t room, struct err *err);

#endif
