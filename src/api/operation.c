/* What follows from a row of the table of routes: see operation.h. */
#include "api/operation.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct operation_tag operation_tags[] = {
    {"Datasets", "Ground truths: import, read, export, delete."},
    {"Runs", "Results of detectors: import, read, export, delete."},
    {"Images", "Images, chosen by filters, and their annotations of several sources."},
    {"Statistics", "How much is in a dataset, and what is wrong with it."},
    {"Evaluations", "How runs did, and how they compare."},
    {"Errors", "What became of each detection and each ground truth."},
    {"Slices", "Named sets of images."},
    {"Service", "The service itself."},
    {NULL, NULL},
};

/* ---- errors ------------------------------------------------------------------------------ */

static bool has_code(const enum err_code *codes, size_t count, enum err_code code) {
    for (size_t i = 0; i < count; i++) {
        if (codes[i] == code) return true;
    }
    return false;
}

/* Of whatever reads a body, and of what imports it. */
static bool is_of_body(const struct request_body *body, enum err_code code) {
    static const enum err_code of_bodies[] = {
        ERR_EMPTY_BODY,  ERR_NOT_JSON,        ERR_TRUNCATED,        ERR_BAD_COMPRESSION,
        ERR_SLOW_BODY,   ERR_LENGTH_REQUIRED, ERR_BODY_TOO_LARGE,   ERR_UNSUPPORTED_MEDIA_TYPE,
        ERR_WRONG_SHAPE, ERR_TOO_DEEP,        ERR_ELEMENT_TOO_LARGE};
    static const enum err_code of_files[] = {ERR_TOOK_TOO_LONG, ERR_IMPORT_RUNNING,
                                             ERR_TOKEN_IN_USE, ERR_NOTHING_TAKEN,
                                             ERR_TOO_MANY_SKIPPED};
    return body && (has_code(of_bodies, COUNT(of_bodies), code) ||
                    (body->is_file && has_code(of_files, COUNT(of_files), code)));
}

/* PUT makes what the last part of its address names. */
static bool is_made(const struct route *route, enum parameter_id id) {
    const char *last = strrchr(route->pattern, '/');
    const char *name = parameter_table[id].name;
    return strcmp(route->method, "PUT") == 0 && parameter_table[id].in_path && last[1] == '{' &&
           strncmp(last + 2, name, strlen(name)) == 0;
}

static bool is_of_parameters(const struct route *route, enum err_code code) {
    for (const enum parameter_id *id = route->parameters; *id; id++) {
        if (parameter_table[*id].unknown == code && !is_made(route, *id)) return true;
    }
    return false;
}

static bool is_of_database(const struct route *route, enum err_code code) {
    bool changes = strcmp(route->method, "GET") != 0;
    return !route->about.is_apart && (code == ERR_DATABASE_AWAY || code == ERR_SCHEMA_MISMATCH ||
                                      (changes && code == ERR_READ_ONLY));
}

bool operation_may_fail(const struct route *route, enum err_code code) {
    static const enum err_code everywhere[] = {ERR_BAD_REQUEST, ERR_BUSY, ERR_INTERNAL};
    if (code == ERR_NONE) return false;
    if (code == ERR_FORBIDDEN) return strcmp(route->method, "GET") != 0;
    return has_code(everywhere, COUNT(everywhere), code) || is_of_parameters(route, code) ||
           is_of_body(route->about.body, code) || is_of_database(route, code) ||
           has_code(route->about.errors, ROUTE_ERRORS, code);
}

/* ---- what is shown ----------------------------------------------------------------------- */

bool operation_requires(const struct route *route, enum parameter_id id) {
    for (const enum parameter_id *required = route->about.requires; *required; required++) {
        if (*required == id) return true;
    }
    return false;
}

bool operation_has_page(const struct answer *answer) {
    return answer->schema && !answer->type;
}

void operation_write_values(const struct parameter *parameter, struct buf *into) {
    if (parameter->type == PARAMETER_NAME) {
        buf_put_text(into, "a name");
    } else if (parameter->type == PARAMETER_TOKEN) {
        buf_put_text(into, "a token");
    } else {
        parameter_write_allowed(parameter, into);
    }
}

/* Examples of names in addresses stand in the table of parameters. */
static void write_address(const struct route *route, struct buf *into) {
    const enum parameter_id *id = route->parameters;
    const char *rest = route->pattern;
    for (const char *brace; (brace = strchr(rest, '{')) != NULL; id++) {
        buf_put(into, rest, (size_t)(brace - rest));
        buf_put_text(into, parameter_table[*id].example);
        rest = strchr(brace, '}') + 1;
    }
    buf_put_text(into, rest);
    char before = '?';
    for (id = route->about.requires; *id; id++) {
        buf_printf(into, "%c%s=%s", before, parameter_table[*id].name,
                   parameter_table[*id].example);
        before = '&';
    }
}

/* curl chooses GET, PUT for -T, and POST for -d and -F, itself. */
static bool names_method(const struct route *route) {
    const char *body = route->about.body ? route->about.body->example : "";
    bool is_put = strncmp(body, "-T", 2) == 0;
    const char *chosen = is_put ? "PUT" : body[0] ? "POST" : "GET";
    return strcmp(route->method, chosen) != 0;
}

void operation_write_example(const struct route *route, struct buf *into) {
    buf_put_text(into, "curl ");
    if (names_method(route)) buf_printf(into, "-X %s ", route->method);
    if (route->about.body) buf_printf(into, "%s ", route->about.body->example);
    buf_put_text(into, "'localhost:8080");
    write_address(route, into);
    buf_put_char(into, '\'');
}
