/* Reads the headers of a part of a form: see multipart_part.h. */
#include "http/multipart_part.h"

#include <string.h>

#include "http/header_value.h"

/* Takes one header with its continuation lines, without the last CR LF. */
static bool next_header(struct span *headers, struct span *header) {
    if (headers->p == headers->end) return false;
    header->p = headers->p;
    do {
        const char *cr = memmem(headers->p, (size_t)(headers->end - headers->p), "\r\n", 2);
        header->end = cr; /* never NULL: the headers end with CR LF */
        headers->p = cr + 2;
    } while (headers->p < headers->end && (*headers->p == ' ' || *headers->p == '\t'));
    return true;
}

static bool take_param(const struct header_param *param, struct multipart_part *part,
                       struct err *err) {
    if (span_is_word(param->name, "name")) {
        if (header_copy_value(param, part->name, sizeof part->name)) return true;
        return err_set(err, ERR_BAD_REQUEST,
                       "the name of a part of the form is longer than %d bytes or holds a control "
                       "character",
                       MULTIPART_NAME_MAX);
    }
    if (span_is_word(param->name, "filename")) {
        part->has_filename = true;
        if (header_copy_value(param, part->filename, sizeof part->filename)) return true;
        return err_set(err, ERR_BAD_REQUEST,
                       "the file name is longer than %d bytes or holds a control character; rename "
                       "the file",
                       MULTIPART_FILENAME_MAX);
    }
    return true; /* also ignores filename*, which RFC 7578 section 4.2 forbids */
}

static bool take_disposition(struct span s, struct multipart_part *part, struct err *err) {
    struct header_param param;
    bool found;
    if (part->name[0] != '\0') {
        return err_set(err, ERR_BAD_REQUEST,
                       "a part of the form has more than one Content-Disposition");
    }
    span_skip_blanks(&s);
    if (!span_is_word(span_take_until(&s, ";"), "form-data")) {
        return err_set(err, ERR_BAD_REQUEST, "the Content-Disposition of a part is not form-data");
    }
    do {
        if (!header_next_param(&s, &param, &found)) {
            return err_set(
                err, ERR_BAD_REQUEST,
                "the Content-Disposition of a part is malformed; write form-data; name=\"file\"");
        }
        if (found && !take_param(&param, part, err)) return false;
    } while (found);
    return true;
}

/* RFC 7578 section 4.7 deprecates transfer encodings. A file that comes in base64 nevertheless must
 * not be read as if it were plain. */
static bool check_transfer_encoding(struct span s, struct err *err) {
    span_skip_blanks(&s);
    struct span encoding = span_take_until(&s, ";");
    if (span_is_word(encoding, "binary") || span_is_word(encoding, "8bit") ||
        span_is_word(encoding, "7bit")) {
        return true;
    }
    return err_set(
        err, ERR_BAD_REQUEST,
        "a part of the form has a Content-Transfer-Encoding; send its bytes as they are");
}

bool multipart_part_read(struct multipart_part *part, const char *text, size_t len,
                         struct err *err) {
    struct span headers = {text, text + len};
    struct span header;
    memset(part, 0, sizeof *part);
    while (next_header(&headers, &header)) {
        struct span name = span_take_until(&header, ":");
        if (header.p == header.end || *header.p++ != ':') {
            return err_set(err, ERR_BAD_REQUEST, "a header of a part of the form has no colon");
        }
        if (span_is_word(name, "content-disposition")) {
            if (!take_disposition(header, part, err)) return false;
        } else if (span_is_word(name, "content-transfer-encoding")) {
            if (!check_transfer_encoding(header, err)) return false;
        }
    }
    return part->name[0] != '\0' ||
           err_set(err, ERR_BAD_REQUEST,
                   "a part of the form has no name; its Content-Disposition needs name=");
}
