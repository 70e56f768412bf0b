/* Describes all routes for programs: see openapi.h. */
#include "api/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/answer_schemas.h"
#include "api/operation.h"
#include "api/parameter_schema.h"
#include "api/reference.h"
#include "config.h"
#include "http/problem.h"
#include "http/response.h"
#include "json/writer.h"

static const char about[] =
    "pgcoco loads COCO files into PostgreSQL, evaluates them, and reads them.\n\n"
    "A parameter that an operation does not know, that is given twice, or whose value makes no "
    "sense, is 400. An address that is none is 404, and another method is 405 with Allow; both are "
    "problems like all errors. HEAD works wherever GET does, and OPTIONS answers 204 with Allow. A "
    "client that prefers text/html gets documents and problems as pages. A list that does not "
    "fit has the address of its following page as `next`.";

/* ---- JSON -------------------------------------------------------------------------------- */

/* Begins the next element or member: with a comma unless it is the first. */
static void next(struct buf *into) {
    if (into->len == 0 || strchr("{[", into->data[into->len - 1])) return;
    buf_put_text(into, ",\n");
}

static void next_member(const char *name, struct buf *into) {
    next(into);
    json_write_text(into, name);
    buf_put_text(into, ": ");
}

static void put_text(const char *name, const char *text, struct buf *into) {
    next_member(name, into);
    json_write_text(into, text);
}

static void open_object(const char *name, struct buf *into) {
    next_member(name, into);
    buf_put_char(into, '{');
}

static void open_list(const char *name, struct buf *into) {
    next_member(name, into);
    buf_put_char(into, '[');
}

/* Writes the member schema: a reference, or a text where there is no name. */
static void put_schema(const char *name, struct buf *into) {
    open_object("schema", into);
    if (name) {
        buf_printf(into, "\"$ref\": \"#/components/schemas/%s\"}", name);
    } else {
        buf_put_text(into, "\"type\": \"string\"}");
    }
}

/* ---- requests ---------------------------------------------------------------------------- */

static void put_example(const struct parameter *parameter, struct buf *into) {
    const char *rest = parameter->example;
    if (!parameter_is_list(parameter)) {
        put_text("example", rest, into);
        return;
    }
    open_list("example", into);
    while (*rest) {
        size_t len = strcspn(rest, ",");
        next(into);
        json_write_string(into, rest, len);
        rest += len + strspn(rest + len, ",");
    }
    buf_put_char(into, ']');
}

static void put_parameter(const struct route *route, enum parameter_id id, struct buf *into) {
    const struct parameter *parameter = &parameter_table[id];
    next(into);
    buf_put_char(into, '{');
    put_text("name", parameter->name, into);
    put_text("in", parameter->in_path ? "path" : "query", into);
    put_text("description", parameter->description, into);
    if (parameter->in_path || operation_requires(route, id)) {
        buf_put_text(into, ", \"required\": true");
    }
    if (parameter_is_list(parameter)) {
        buf_put_text(into, ", \"style\": \"form\", \"explode\": false");
    }
    if (parameter->example) put_example(parameter, into);
    next_member("schema", into);
    parameter_write_schema(parameter, into);
    buf_put_char(into, '}');
}

static const char encoding[] =
    "{\"name\": \"Content-Encoding\", \"in\": \"header\", \"description\": \"Of a compressed body; "
    "a compressed file needs none.\", \"schema\": {\"type\": \"string\", \"enum\": [\"gzip\", "
    "\"zstd\"]}}";

static const char if_none_match[] =
    "{\"name\": \"If-None-Match\", \"in\": \"header\", \"description\": \"The ETag of an answer "
    "that the client has: 304 while it still holds.\", \"schema\": {\"type\": \"string\"}}";

static void put_parameters(const struct route *route, struct buf *into) {
    if (!route->parameters[0] && !route->about.body && !route->version) return;
    open_list("parameters", into);
    for (const enum parameter_id *id = route->parameters; *id; id++) {
        put_parameter(route, *id, into);
    }
    if (route->about.body) {
        next(into);
        buf_put_text(into, encoding);
    }
    if (route->version) {
        next(into);
        buf_put_text(into, if_none_match);
    }
    buf_put_char(into, ']');
}

static void put_body(const struct request_body *body, struct buf *into) {
    if (!body) return;
    open_object("requestBody", into);
    put_text("description", body->description, into);
    buf_put_text(into, ", \"required\": true");
    open_object("content", into);
    for (const struct body_content *content = body->contents; content->type; content++) {
        open_object(content->type, into);
        put_schema(content->schema, into);
        buf_put_char(into, '}');
    }
    buf_put_text(into, "}}");
}

/* ---- answers ----------------------------------------------------------------------------- */

static void put_content(const struct answer *answer, struct buf *into) {
    open_object(answer->type ? answer->type : response_json, into);
    put_schema(answer->schema, into);
    buf_put_char(into, '}');
    if (!operation_has_page(answer)) return;
    buf_put_text(into, ",\n\"text/html\": {\"schema\": {\"type\": \"string\"}}");
}

static void put_headers(unsigned status, struct buf *into) {
    if (status == 201 || status == 302 || status == 303) {
        buf_put_text(into, ",\n\"headers\": {\"Location\": {\"required\": true, \"schema\": "
                           "{\"type\": \"string\", \"format\": \"uri-reference\"}}}");
    }
}

/* Writes the answer of a status, and returns the first one of the next status. */
static const struct answer *put_success(const struct answer *answer, struct buf *into) {
    char name[16];
    unsigned status = answer->status;
    snprintf(name, sizeof name, "%u", status);
    open_object(name, into);
    put_text("description", response_phrase(status), into);
    put_headers(status, into);
    if (answer->schema || answer->type) {
        open_object("content", into);
        for (; answer->status == status; answer++) put_content(answer, into);
        buf_put_char(into, '}');
    } else {
        answer++;
    }
    buf_put_char(into, '}');
    return answer;
}

/* Of an answer that has an ETag. */
static void put_not_modified(struct buf *into) {
    open_object("304", into);
    put_text("description", response_phrase(304), into);
    buf_put_text(into, ",\n\"headers\": {\"ETag\": {\"required\": true, \"schema\": "
                       "{\"type\": \"string\"}}}}");
}

/* Writes the codes of a status with `between` them. */
static void put_codes(const struct route *route, unsigned status, bool quoted, struct buf *into) {
    const char *between = "";
    for (enum err_code code = ERR_NONE + 1; code < ERR_CODES; code++) {
        if (problem_status(code) != status || !operation_may_fail(route, code)) continue;
        buf_printf(into, quoted ? "%s\"%s\"" : "%s%s", between, err_slug(code));
        between = ", ";
    }
}

static void put_problem(const struct route *route, unsigned status, struct buf *into) {
    char name[16];
    snprintf(name, sizeof name, "%u", status);
    open_object(name, into);
    buf_printf(into, "\"description\": \"%s: ", response_phrase(status));
    put_codes(route, status, false, into);
    buf_put_char(into, '"');
    if (status == 503) {
        buf_put_text(into, ",\n\"headers\": {\"Retry-After\": {\"required\": true, \"schema\": "
                           "{\"type\": \"integer\", \"minimum\": 1}}}");
    }
    buf_printf(into,
               ",\n\"content\": {\"%s\": {\"schema\": {\"allOf\": [{\"$ref\": "
               "\"#/components/schemas/Problem\"}, {\"properties\": {\"code\": {\"enum\": [",
               response_problem);
    put_codes(route, status, true, into);
    buf_put_text(into, "]}}}]}},\n\"text/html\": {\"schema\": {\"type\": \"string\"}}}}");
}

/* Writes the problems in the order of their statuses. */
static void put_problems(const struct route *route, struct buf *into) {
    bool seen[600] = {false};
    for (enum err_code code = ERR_NONE + 1; code < ERR_CODES; code++) {
        if (operation_may_fail(route, code)) seen[problem_status(code)] = true;
    }
    for (unsigned status = 400; status < 600; status++) {
        if (seen[status]) put_problem(route, status, into);
    }
}

/* ---- operations -------------------------------------------------------------------------- */

static void put_operation(const struct route *route, struct buf *into) {
    char method[16] = "";
    for (size_t i = 0; route->method[i] && i + 1 < sizeof method; i++) {
        method[i] = (char)tolower((unsigned char)route->method[i]);
    }
    open_object(method, into);
    put_text("operationId", route->about.id, into);
    buf_printf(into, ", \"tags\": [\"%s\"]", route->about.tag);
    put_text("summary", route->summary, into);
    put_parameters(route, into);
    put_body(route->about.body, into);
    open_object("responses", into);
    const struct answer *answer = route->about.answers;
    while (answer->status) answer = put_success(answer, into);
    if (route->version) put_not_modified(into);
    put_problems(route, into);
    buf_put_text(into, "}}");
}

static bool is_first_of_pattern(size_t i) {
    for (size_t j = 0; j < i; j++) {
        if (strcmp(route_table[j].pattern, route_table[i].pattern) == 0) return false;
    }
    return true;
}

static void put_path(size_t first, struct buf *into) {
    const char *pattern = route_table[first].pattern;
    open_object(pattern, into);
    for (size_t i = first; i < route_count; i++) {
        if (strcmp(route_table[i].pattern, pattern) == 0) put_operation(&route_table[i], into);
    }
    buf_put_char(into, '}');
}

static void put_paths(struct buf *into) {
    open_object("paths", into);
    for (size_t i = 0; i < route_count; i++) {
        if (is_first_of_pattern(i)) put_path(i, into);
    }
    buf_put_char(into, '}');
}

/* ---- the rest ---------------------------------------------------------------------------- */

static void put_info(struct buf *into) {
    open_object("info", into);
    put_text("title", PACKAGE_NAME, into);
    put_text("version", PACKAGE_VERSION, into);
    put_text("description", about, into);
    buf_put_text(into, ",\n\"license\": {\"name\": \"PostgreSQL License\", \"identifier\": "
                       "\"PostgreSQL\"}},\n\"servers\": [{\"url\": \"/\"}]");
}

static void put_tags(struct buf *into) {
    open_list("tags", into);
    for (const struct operation_tag *tag = operation_tags; tag->name; tag++) {
        next(into);
        buf_put_char(into, '{');
        put_text("name", tag->name, into);
        put_text("description", tag->description, into);
        buf_put_char(into, '}');
    }
    buf_put_char(into, ']');
}

/* Every code, also those that only the history of imports has. */
static void put_error_codes(struct buf *into) {
    buf_put_text(into, "\"ErrorCode\": {\"type\": \"string\", \"oneOf\": [");
    for (enum err_code code = ERR_NONE + 1; code < ERR_CODES; code++) {
        const char *when = problem_when(code);
        next(into);
        buf_printf(into, "{\"const\": \"%s\"", err_slug(code));
        put_text("description", when ? when : "stands in the history of imports only", into);
        buf_put_char(into, '}');
    }
    buf_put_text(into, "]}");
}

void openapi_write(struct buf *into) {
    buf_put_text(into, "{\"openapi\": \"3.1.0\"");
    put_info(into);
    put_tags(into);
    put_paths(into);
    open_object("components", into);
    open_object("schemas", into);
    put_error_codes(into);
    buf_put_text(into, ",\n");
    buf_put_text(into, answer_schemas);
    buf_put_text(into, "}}}");
}

/* ---- the route --------------------------------------------------------------------------- */

void openapi_get(struct exchange *x) {
    struct err err;
    struct buf description;
    if (request_wants_html(x->request)) {
        reference_get(x);
        return;
    }
    buf_init(&description, ANSWER_MAX);
    openapi_write(&description);
    if (description.failed) {
        err_set(&err, ERR_BUSY, "out of memory for the description; try again");
        answer_error(x, &err, NULL);
    } else {
        answer_document(x, 200, x->request->path, &description, NULL);
    }
    buf_free(&description);
}
