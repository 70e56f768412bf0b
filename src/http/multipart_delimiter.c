/* Recognizes the lines that separate parts of a form: see multipart_delimiter.h. */
#include "http/multipart_delimiter.h"

#include <string.h>

#include "http/header_value.h"

/* ---- the boundary ------------------------------------------------------------------------- */

static bool take_boundary(struct multipart_delimiter *delimiter, const struct header_param *param) {
    static const char start[4] = "\r\n--";
    char *boundary = delimiter->text + sizeof start;
    if (!header_copy_value(param, boundary, MULTIPART_BOUNDARY_MAX + 1)) return false;
    size_t len = strlen(boundary);
    if (len == 0 || boundary[len - 1] == ' ') return false;
    memcpy(delimiter->text, start, sizeof start);
    delimiter->len = sizeof start + len;
    return true;
}

static bool find_boundary(struct multipart_delimiter *delimiter, struct span s) {
    struct header_param param;
    bool found;
    while (header_next_param(&s, &param, &found) && found) {
        if (span_is_word(param.name, "boundary")) return take_boundary(delimiter, &param);
    }
    return false;
}

bool multipart_delimiter_find(struct multipart_delimiter *delimiter, const char *content_type,
                              struct err *err) {
    struct span s = {content_type, content_type + strlen(content_type)};
    span_skip_blanks(&s);
    if (!span_is_word(span_take_until(&s, ";"), "multipart/form-data")) {
        return err_set(err, ERR_BAD_REQUEST, "Content-Type is not multipart/form-data");
    }
    return find_boundary(delimiter, s) ||
           err_set(err, ERR_BAD_REQUEST,
                   "Content-Type has no usable boundary; it needs boundary= and 1 to %d "
                   "characters",
                   MULTIPART_BOUNDARY_MAX);
}

/* ---- lines -------------------------------------------------------------------------------- */

/* Classifies what follows CR LF "--" boundary: "--" or nothing, white space, CR LF. */
static enum multipart_line classify_tail(const char *line, const char *tail, const char *end,
                                         bool source_ended, size_t *line_len) {
    const char *p = tail;
    int dashes = 0;
    for (; dashes < 2 && p < end && *p == '-'; p++) dashes++;
    const char *padding = p;
    while (p < end && p - padding < MULTIPART_PADDING_MAX && (*p == ' ' || *p == '\t')) p++;

    if (end - p >= 2 && p[0] == '\r' && p[1] == '\n') {
        *line_len = (size_t)(p + 2 - line);
        return dashes == 0 ? MULTIPART_NEXT : dashes == 2 ? MULTIPART_LAST : MULTIPART_CONTENT;
    }
    bool cut = p == end || (p + 1 == end && *p == '\r');
    if (!cut) return MULTIPART_CONTENT;
    if (!source_ended || dashes != 2) return MULTIPART_UNKNOWN;
    /* The last line may end with the body, without CR LF. */
    *line_len = (size_t)(end - line);
    return MULTIPART_LAST;
}

enum multipart_line multipart_delimiter_classify(const struct multipart_delimiter *delimiter,
                                                 const char *line, const char *end,
                                                 bool source_ended, size_t *line_len) {
    size_t there = (size_t)(end - line);
    size_t len = there < delimiter->len ? there : delimiter->len;
    if (memcmp(line, delimiter->text, len) != 0) return MULTIPART_CONTENT;
    if (len < delimiter->len) return MULTIPART_UNKNOWN;
    return classify_tail(line, line + len, end, source_ended, line_len);
}
