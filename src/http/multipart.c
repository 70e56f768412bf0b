/*
 * multipart/form-data as a stream: see multipart.h.
 *
 * A delimiter is CR LF "--" boundary at the start of a line that holds nothing else but white
 * space (and "--" on the last one). So content is looked through for CR, with memchr: all before
 * one is content, and only what may yet become a delimiter waits for more bytes.
 */
#include "http/multipart.h"

#include <string.h>
#include <strings.h>

_Static_assert(MULTIPART_BUFFER > MULTIPART_HEADER_MAX + 4,
               "headers fit with the line behind them");
_Static_assert(MULTIPART_BUFFER > MULTIPART_BOUNDARY_MAX + MULTIPART_PADDING_MAX + 16,
               "a delimiter line fits");

/* ---- header values ------------------------------------------------------------------------ */

struct span {
    const char *p;
    const char *end;
};

/* CR and LF are in here for headers folded over several lines (RFC 5322 section 2.2.3). */
static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct span *s) {
    while (s->p < s->end && is_blank(*s->p)) s->p++;
}

static bool is_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

static struct span take_until(struct span *s, const char *stops) {
    const char *start = s->p;
    while (s->p < s->end && !is_blank(*s->p) && !is_one_of(*s->p, stops)) s->p++;
    return (struct span){start, s->p};
}

static bool is_word(struct span s, const char *word) {
    size_t len = (size_t)(s.end - s.p);
    return len == strlen(word) && strncasecmp(s.p, word, len) == 0;
}

/* Browsers leave backslashes alone (C:\data\x.json), others put one before a quote or a backslash:
 * only before those two does it count as an escape. */
static bool is_quoted_pair(struct span s) {
    return s.end - s.p >= 2 && s.p[0] == '\\' && (s.p[1] == '"' || s.p[1] == '\\');
}

struct param {
    struct span name;
    struct span value; /* without its quotes, with its escapes */
    bool quoted;
};

static bool take_value(struct span *s, struct param *param) {
    param->quoted = s->p < s->end && *s->p == '"';
    if (!param->quoted) {
        param->value = take_until(s, ";");
        return true;
    }
    param->value.p = ++s->p;
    while (s->p < s->end && *s->p != '"') s->p += is_quoted_pair(*s) ? 2 : 1;
    if (s->p == s->end) return false; /* no closing quote */
    param->value.end = s->p++;
    return true;
}

/* Takes one `; name=value`. *found is false when there is none left. */
static bool next_param(struct span *s, struct param *param, bool *found) {
    *found = false;
    skip_blanks(s);
    if (s->p == s->end) return true;
    if (*s->p++ != ';') return false;
    skip_blanks(s);
    if (s->p == s->end) return true;
    param->name = take_until(s, "=;\"");
    skip_blanks(s);
    if (s->p == s->end || *s->p++ != '=') return false;
    skip_blanks(s);
    *found = true;
    return take_value(s, param);
}

/* The value with its escapes resolved, as a C string. False when it does not fit or holds a
 * control character. */
static bool copy_value(const struct param *param, char *into, size_t room) {
    struct span s = param->value;
    size_t len = 0;
    while (s.p < s.end) {
        if (param->quoted && is_quoted_pair(s)) s.p++;
        unsigned char c = (unsigned char)*s.p++;
        if (c < 0x20 || c == 0x7f || len + 1 >= room) return false;
        into[len++] = (char)c;
    }
    into[len] = '\0';
    return true;
}

/* ---- the boundary ------------------------------------------------------------------------- */

static bool take_boundary(struct multipart *multipart, const struct param *param) {
    char *boundary = multipart->delimiter + 4;
    if (!copy_value(param, boundary, MULTIPART_BOUNDARY_MAX + 1)) return false;
    size_t len = strlen(boundary);
    if (len == 0 || boundary[len - 1] == ' ') return false;
    memcpy(multipart->delimiter, "\r\n--", 4);
    multipart->delimiter_len = len + 4;
    return true;
}

static bool find_boundary(struct multipart *multipart, struct span s) {
    struct param param;
    bool found;
    while (next_param(&s, &param, &found) && found) {
        if (is_word(param.name, "boundary")) return take_boundary(multipart, &param);
    }
    return false;
}

bool multipart_open(struct multipart *multipart, const struct reader *source,
                    const char *content_type, struct err *err) {
    multipart->source = source;
    /* The first delimiter may stand at the very start, with no CR LF before it: put one there. */
    memcpy(multipart->buffer, "\r\n", 2);
    multipart->start = multipart->content_end = 0;
    multipart->filled = 2;
    multipart->line = MULTIPART_UNKNOWN;
    multipart->line_len = 0;
    multipart->source_ended = multipart->in_part = multipart->finished = false;

    struct span s = {content_type, content_type + strlen(content_type)};
    skip_blanks(&s);
    if (!is_word(take_until(&s, ";"), "multipart/form-data")) {
        return err_set(err, ERR_BAD_REQUEST, "the content type is not multipart/form-data");
    }
    if (!find_boundary(multipart, s)) {
        return err_set(err, ERR_BAD_REQUEST, "the content type has no usable boundary");
    }
    return true;
}

/* ---- content and delimiters --------------------------------------------------------------- */

/* One read from the source, behind what there is. */
static bool fill(struct multipart *multipart, struct err *err) {
    if (multipart->source_ended) {
        return err_set(err, ERR_TRUNCATED, "the form ends before its closing boundary");
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

/* What the line behind CR LF "--" boundary makes of it. Sets line_len. */
static enum multipart_line classify_tail(struct multipart *multipart, const char *line) {
    const char *end = multipart->buffer + multipart->filled;
    const char *p = line + multipart->delimiter_len;
    int dashes = 0;
    for (; dashes < 2 && p < end && *p == '-'; p++) dashes++;
    const char *padding = p;
    while (p < end && p - padding < MULTIPART_PADDING_MAX && (*p == ' ' || *p == '\t')) p++;

    if (end - p >= 2 && p[0] == '\r' && p[1] == '\n') {
        multipart->line_len = (size_t)(p + 2 - line);
        return dashes == 0 ? MULTIPART_NEXT : dashes == 2 ? MULTIPART_LAST : MULTIPART_CONTENT;
    }
    bool cut = p == end || (p + 1 == end && *p == '\r');
    if (!cut) return MULTIPART_CONTENT;
    if (!multipart->source_ended || dashes != 2) return MULTIPART_UNKNOWN;
    /* The last line may end with the body instead of with CR LF. */
    multipart->line_len = (size_t)(end - line);
    return MULTIPART_LAST;
}

/* What the CR at this index of the buffer begins. */
static enum multipart_line classify(struct multipart *multipart, size_t at) {
    size_t there = multipart->filled - at;
    size_t len = there < multipart->delimiter_len ? there : multipart->delimiter_len;
    const char *line = multipart->buffer + at;
    if (memcmp(line, multipart->delimiter, len) != 0) return MULTIPART_CONTENT;
    if (len == multipart->delimiter_len) return classify_tail(multipart, line);
    return MULTIPART_UNKNOWN;
}

/* Moves content_end on: to a delimiter, to what may become one, or to the end of the buffer. */
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

/* Reads until there is content to hand on, or the delimiter behind it is known. */
static bool look_ahead(struct multipart *multipart, struct err *err) {
    for (;;) {
        find_delimiter(multipart);
        if (multipart->content_end > multipart->start) return true;
        if (multipart->line != MULTIPART_UNKNOWN) return true;
        if (!fill(multipart, err)) return false;
    }
}

/* To the delimiter behind the content, or behind the preamble. */
static bool skip_content(struct multipart *multipart, struct err *err) {
    do {
        if (!look_ahead(multipart, err)) return false;
        multipart->start = multipart->content_end;
    } while (multipart->line == MULTIPART_UNKNOWN);
    return true;
}

/* The content begins behind the CR LF at start. Where a part has none at all, that CR LF already
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

/* Only the source can say whether the epilogue, which nobody wants, came to its end. */
static bool read_to_end(struct multipart *multipart, struct err *err) {
    while (!multipart->source_ended) {
        multipart->start = multipart->content_end = multipart->filled;
        if (!fill(multipart, err)) return false;
    }
    multipart->finished = true;
    return true;
}

/* ---- headers ------------------------------------------------------------------------------ */

/* Reads until all headers of a part are there: len bytes from start, each line with its CR LF. */
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
                           "the headers of a form field are longer than %d bytes",
                           MULTIPART_HEADER_MAX);
        }
        if (end) return true;
        if (!fill(multipart, err)) return false;
    }
}

/* Takes one header, with the lines that continue it, without the last CR LF. */
static bool next_header(struct span *headers, struct span *header) {
    if (headers->p == headers->end) return false;
    header->p = headers->p;
    do {
        const char *cr = memmem(headers->p, (size_t)(headers->end - headers->p), "\r\n", 2);
        header->end = cr; /* there always is one: read_headers ends with CR LF */
        headers->p = cr + 2;
    } while (headers->p < headers->end && (*headers->p == ' ' || *headers->p == '\t'));
    return true;
}

static bool take_param(const struct param *param, struct multipart_part *part, struct err *err) {
    if (is_word(param->name, "name")) {
        if (copy_value(param, part->name, sizeof part->name)) return true;
        return err_set(err, ERR_BAD_REQUEST, "the name of a form field is unusable or too long");
    }
    if (is_word(param->name, "filename")) {
        part->has_filename = true;
        if (copy_value(param, part->filename, sizeof part->filename)) return true;
        return err_set(err, ERR_BAD_REQUEST, "the file name in the form is unusable or too long");
    }
    return true; /* filename* among them: RFC 7578 section 4.2 bans it from forms */
}

static bool take_disposition(struct span s, struct multipart_part *part, struct err *err) {
    struct param param;
    bool found;
    if (part->name[0] != '\0') {
        return err_set(err, ERR_BAD_REQUEST, "a form field has more than one Content-Disposition");
    }
    skip_blanks(&s);
    if (!is_word(take_until(&s, ";"), "form-data")) {
        return err_set(err, ERR_BAD_REQUEST, "a form field's Content-Disposition is not form-data");
    }
    do {
        if (!next_param(&s, &param, &found)) {
            return err_set(err, ERR_BAD_REQUEST, "a form field's Content-Disposition is malformed");
        }
        if (found && !take_param(&param, part, err)) return false;
    } while (found);
    return true;
}

/* RFC 7578 section 4.7 drops encodings; a file that came in base64 all the same must not be read
 * as if it had not. */
static bool check_transfer_encoding(struct span s, struct err *err) {
    skip_blanks(&s);
    struct span encoding = take_until(&s, ";");
    if (is_word(encoding, "binary") || is_word(encoding, "8bit") || is_word(encoding, "7bit")) {
        return true;
    }
    return err_set(err, ERR_BAD_REQUEST,
                   "a form field has a Content-Transfer-Encoding; send it as it is");
}

static bool take_headers(struct span headers, struct multipart_part *part, struct err *err) {
    struct span header;
    memset(part, 0, sizeof *part);
    while (next_header(&headers, &header)) {
        struct span name = take_until(&header, ":");
        if (header.p == header.end || *header.p++ != ':') {
            return err_set(err, ERR_BAD_REQUEST, "a header of a form field has no colon");
        }
        if (is_word(name, "content-disposition")) {
            if (!take_disposition(header, part, err)) return false;
        } else if (is_word(name, "content-transfer-encoding")) {
            if (!check_transfer_encoding(header, err)) return false;
        }
    }
    return part->name[0] != '\0' || err_set(err, ERR_BAD_REQUEST, "a form field has no name");
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
    if (!take_headers((struct span){headers, headers + len}, part, err)) return false;
    multipart->start += len;
    multipart->content_end = multipart->start;
    *more = begin_content(multipart, err);
    return *more;
}

/* ---- content for the caller ---------------------------------------------------------------- */

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
        char surplus; /* where the next byte goes when there is no room: it must not come */
        bool full = len == room - 1;
        ssize_t got =
            multipart_read(multipart, full ? &surplus : into + len, full ? 1 : room - 1 - len, err);
        if (got < 0) return false;
        if (got == 0) break;
        if (full)
            return err_set(err, ERR_BAD_REQUEST, "a form field is longer than %zu bytes", room - 1);
        len += (size_t)got;
    }
    into[len] = '\0';
    if (memchr(into, '\0', len)) return err_set(err, ERR_BAD_REQUEST, "a NUL byte in a form field");
    return true;
}
