/* Reads a body that names a file of the server: see import_request.h. */
#include "api/import_request.h"

#include <string.h>

#include "base/shown.h"
#include "base/text_source.h"
#include "coco/fields.h"
#include "json/document.h"
#include "json/lexical.h"

enum {
    PREDICTION_PATH,
    FORMAT,
    RUN_NAME,
    ANNOTATIONS,
    FIELD_COUNT
};

static const struct field_name names[FIELD_COUNT] = {
    [PREDICTION_PATH] = FIELD("prediction_path"),
    [FORMAT] = FIELD("format"),
    [RUN_NAME] = FIELD("run_name"),
    [ANNOTATIONS] = FIELD("annotations"),
};

/* Copies a text field into `into`, which is not changed if there is none. */
static bool read_text(const struct fields *fields, size_t field, char *into, size_t room,
                      struct err *err) {
    struct buf text;
    struct skip skip;
    if (!fields_has(fields, field)) return true;
    buf_init(&text, room - 1);
    bool good = fields_text(fields, field, &text, &skip) ||
                err_set(err, ERR_BAD_REQUEST, "%s", skip.detail);
    if (good && text.failed) {
        good = err_set(err, ERR_BAD_REQUEST, "%s is longer than %zu bytes", names[field].text,
                       room - 1);
    }
    if (good) memcpy(into, buf_text(&text), text.len + 1);
    buf_free(&text);
    return good;
}

static bool read_format(const struct fields *fields, enum import_format *format, struct err *err) {
    char text[32] = "coco";
    if (!read_text(fields, FORMAT, text, sizeof text, err)) return false;
    *format = strcmp(text, "detection_annotation") == 0 ? FORMAT_DETECTION_ANNOTATION : FORMAT_COCO;
    return *format != FORMAT_COCO || strcmp(text, "coco") == 0 ||
           err_set(err, ERR_BAD_REQUEST, "format must be coco or detection_annotation");
}

static bool refuse_member(const struct json_value *value, uint32_t key, struct err *err) {
    char sent[SHOWN_ROOM];
    struct buf name;
    buf_init(&name, value->nodes[key].end - value->nodes[key].start);
    json_unescape(value, key, &name);
    err_set(err, ERR_BAD_REQUEST,
            "there is no member \"%s\" in a request with prediction_path; it may have format and "
            "run_name. Parameters such as dry_run=1 belong in the address",
            shown_in(buf_slice(&name), sent, sizeof sent));
    buf_free(&name);
    return false;
}

/* Refuses unknown members, and members that come twice. */
static bool check_members(const struct json_value *value, struct err *err) {
    bool seen[FIELD_COUNT] = {false};
    for (uint32_t key = 1; key < value->nodes[0].next; key = value->nodes[key + 1].next) {
        size_t field = 0;
        while (field < FIELD_COUNT && !json_equals(value, key, names[field].text)) field++;
        if (field == FIELD_COUNT) return refuse_member(value, key, err);
        if (seen[field]) {
            return err_set(err, ERR_BAD_REQUEST, "%s is given twice", names[field].text);
        }
        seen[field] = true;
    }
    return true;
}

static bool read_members(struct import_request *request, const struct fields *fields,
                         struct err *err) {
    return check_members(fields->object, err) &&
           read_text(fields, PREDICTION_PATH, request->path, sizeof request->path, err) &&
           (request->path[0] != '\0' ||
            err_set(err, ERR_BAD_REQUEST,
                    "prediction_path is empty: it must name a file below the import directory")) &&
           read_format(fields, &request->format, err) &&
           read_text(fields, RUN_NAME, request->run_name, sizeof request->run_name, err);
}

static bool read_value(struct import_request *request, const struct json_value *value,
                       bool *is_request, struct err *err) {
    struct fields fields;
    struct skip ignored;
    struct buf others;
    buf_init(&others, 2 * (size_t)value->nodes[0].end + 2);
    *is_request = fields_read(&fields, value, names, FIELD_COUNT, &others, &ignored) &&
                  fields.node[PREDICTION_PATH] != 0 && fields.node[ANNOTATIONS] == 0;
    bool good = !*is_request || read_members(request, &fields, err);
    buf_free(&others);
    return good;
}

/* True if the body is one object, followed by white space only. */
static bool read_object(struct document *document, const char *body, size_t len,
                        struct json_value *value) {
    struct err ignored; /* the import reports errors of a results file */
    enum json_type type;
    if (!document_peek(document, &type, &ignored) || type != JSON_OBJECT ||
        !document_value(document, value, &ignored)) {
        return false;
    }
    size_t end = (size_t)value->offset + json_raw(value, 0).len;
    while (end < len && lexical_is_space(body[end])) end++;
    return end == len;
}

bool import_request_read(struct import_request *request, const char *body, size_t len,
                         bool *is_request, struct err *err) {
    struct text_source source;
    struct document document;
    struct json_value value;
    *request = (struct import_request){.format = FORMAT_COCO};
    *is_request = false;
    text_source_init(&source, body, len);
    bool good = document_open(&document, &source.reader, &json_default_limits, err);
    if (good && read_object(&document, body, len, &value)) {
        good = read_value(request, &value, is_request, err);
    }
    document_close(&document);
    return good;
}
