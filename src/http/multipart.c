/*
 * Reads multipart/form-data as a stream: see multipart.h. Content is searched for CR with memchr:
 * everything before it is content; only bytes that may become a delimiter wait for more.
 */
#include "http/multipart.h"

#include <string.h>

_Static_assert(MULTIPART_BUFFER > MULTIPART_HEADER_MAX + 4, "headers fit with the line after them");
_Static_assert(MULTIPART_BUFFER > MULTIPART_BOUNDARY_MAX + MULTIPART_PADDING_MAX + 16,
               "a delimiter line fits");

bool multipart_open(struct multipart *multipart, const struct reader *source,
                    const char *content_type, struct err *err) {
    multipart->source = source;
    /* The first delimiter may come without a CR LF before it, so put one there. */
    memcpy(multipart->buffer, "\r\n", 2);
    multipart->start = multipart->content_end = 0;
    multipart->filled = 2;
    multipart->line = MULTIPART_UNKNOWN;
    multipart->line_len = 0;
    multipart->source_ended = multipart->in_part = multipart->finished = false;
    return multipart_delimiter_find(&multipart->delimiter, content_type, err);
}

/* ---- content and delimiters --------------------------------------------------------------- */

/* Reads once from the source, after the bytes in the buffer. */
static bool fill(struct multipart *multipart, struct err *err) {
    if (multipart->source_ended) {
        return err_set(err, ERR_TRUNCATED,
                       "the form ends before its closing boundary; send all of it");
    }
    if (multipart->start > 0) {
        multipart->filled -= multipart->start;
        multipart->content_end -= multipart->start;
        memmove(multipart->buffer, multipart->buffer + multipart->start, multipart->filled);
        multipart->start = 0;
    }
    ssize_t len = reader_read(multipart->source, multipart->buffer + multipart->filled,
                              MULTIPART_BUFFER - multipart->filled, err);
    if (len < 0) return false;
    multipart->source_ended = len == 0;
    multipart->filled += (size_t)len;
    return true;
}

/* Tells what the CR at this index of the buffer starts. */
static enum multipart_line classify(struct multipart *multipart, size_t at) {
    return multipart_delimiter_classify(&multipart->delimiter, multipart->buffer + at,
                                        multipart->buffer + multipart->filled,
                                        multipart->source_ended, &multipart->line_len);
}

/* Moves content_end to a delimiter, to what may become one, or to the end of the buffer. */
static void find_delimiter(struct multipart *multipart) {
    while (multipart->line == MULTIPART_UNKNOWN && multipart->content_end < multipart->filled) {
        const char *from = multipart->buffer + multipart->content_end;
        const char *cr = memchr(from, '\r', multipart->filled - multipart->content_end);
        if (!cr) {
            multipart->content_end = multipart->filled;
            return;
        }
        multipart->content_end = (size_t)(cr - multipart->buffer);
        enum multipart_line line = classify(multipart, multipart->content_end);
        if (line == MULTIPART_UNKNOWN) return;
        if (line == MULTIPART_CONTENT) {
            multipart->content_end++;
        } else {
            multipart->line = line;
        }
    }
}

/* Reads until there is content to pass on, or the next delimiter is known. */
static bool look_ahead(struct multipart *multipart, struct err *err) {
    for (;;) {
        find_delimiter(multipart);
        if (multipart->content_end > multipart->start) return true;
        if (multipart->line != MULTIPART_UNKNOWN) return true;
        if (!fill(multipart, err)) return false;
    }
}

/* Skips the content, or the preamble, up to the delimiter. */
static bool skip_content(struct multipart *multipart, struct err *err) {
    do {
        if (!look_ahead(multipart, err)) return false;
        multipart->start = multipart->content_end;
    } while (multipart->line == MULTIPART_UNKNOWN);
    return true;
}

/* The content starts after the CR LF at start. If a part has no content at all, this CR LF already
 * belongs to the delimiter. */
static bool begin_content(struct multipart *multipart, struct err *err) {
    enum multipart_line line;
    while ((line = classify(multipart, multipart->start)) == MULTIPART_UNKNOWN) {
        if (!fill(multipart, err)) return false;
    }
    bool none = line != MULTIPART_CONTENT;
    if (!none) multipart->start += 2;
    multipart->content_end = multipart->start;
    multipart->line = none ? line : MULTIPART_UNKNOWN;
    multipart->in_part = true;
    return true;
}

/* Reads the epilogue, which has no use, because only the source can tell whether the body is
 * complete. */
static bool read_to_end(struct multipart *multipart, struct err *err) {
    while (!multipart->source_ended) {
        multipart->start = multipart->content_end = multipart->filled;
        if (!fill(multipart, err)) return false;
    }
    multipart->finished = true;
    return true;
}

/* ---- parts -------------------------------------------------------------------------------- */

/* Reads until all headers of a part are in the buffer: *len bytes from start, each line
 * with CR LF. */
static bool read_headers(struct multipart *multipart, size_t *len, struct err *err) {
    for (;;) {
        const char *headers = multipart->buffer + multipart->start;
        size_t there = multipart->filled - multipart->start;
        *len = 0;
        if (there >= 2 && memcmp(headers, "\r\n", 2) == 0) return true;
        const char *end = memmem(headers, there, "\r\n\r\n", 4);
        if (end) *len = (size_t)(end - headers) + 2;
        if (*len > MULTIPART_HEADER_MAX || (!end && there >= MULTIPART_HEADER_MAX + 2)) {
            return err_set(err, ERR_BAD_REQUEST,
                           "the headers of a part of the form are longer than %d bytes",
                           MULTIPART_HEADER_MAX);
        }
        if (end) return true;
        if (!fill(multipart, err)) return false;
    }
}

bool multipart_next_part(struct multipart *multipart, struct multipart_part *part, bool *more,
                         struct err *err) {
    *more = false;
    if (multipart->finished) return true;
    if (!skip_content(multipart, err)) return false;
    multipart->in_part = false;
    multipart->start += multipart->line_len;
    multipart->content_end = multipart->start;
    if (multipart->line == MULTIPART_LAST) return read_to_end(multipart, err);

    size_t len;
    multipart->line = MULTIPART_UNKNOWN;
    if (!read_headers(multipart, &len, err)) return false;
    const char *headers = multipart->buffer + multipart->start;
    if (!multipart_part_read(part, headers, len, err)) return false;
    multipart->start += len;
    multipart->content_end = multipart->start;
    *more = begin_content(multipart, err);
    return *more;
}

/* ---- content ------------------------------------------------------------------------------- */

ssize_t multipart_read(struct multipart *multipart, char *into, size_t room, struct err *err) {
    if (!multipart->in_part) return 0;
    if (!look_ahead(multipart, err)) return -1;
    size_t len = multipart->content_end - multipart->start;
    if (len > room) len = room;
    memcpy(into, multipart->buffer + multipart->start, len);
    multipart->start += len;
    return (ssize_t)len;
}

static ssize_t read_part(void *self, char *into, size_t room, struct err *err) {
    return multipart_read(self, into, room, err);
}

struct reader multipart_reader(struct multipart *multipart) {
    return (struct reader){.read = read_part, .self = multipart};
}

bool multipart_read_text(struct multipart *multipart, char *into, size_t room, struct err *err) {
    size_t len = 0;
    for (;;) {
        char surplus; /* takes a byte that does not fit, which is an error */
        bool full = len == room - 1;
        ssize_t got =
            multipart_read(multipart, full ? &surplus : into + len, full ? 1 : room - 1 - len, err);
        if (got < 0) return false;
        if (got == 0) break;
        if (full)
            return err_set(err, ERR_BAD_REQUEST, "a field of the form is longer than %zu bytes",
                           room - 1);
        len += (size_t)got;
    }
    into[len] = '\0';
    if (memchr(into, '\0', len))
        return err_set(err, ERR_BAD_REQUEST, "a field of the form holds a NUL byte");
    return true;
}
