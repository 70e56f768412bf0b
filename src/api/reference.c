/* Describes all routes for people: see reference.h. */
#include "api/reference.h"

#include <string.h>

#include "api/answer_schemas.h"
#include "api/operation.h"
#include "api/page.h"
#include "config.h"
#include "http/problem.h"
#include "http/response.h"
#include "import/run_name.h"
#include "import/token.h"

/* ---- text -------------------------------------------------------------------------------- */

static void put_text(const char *text, struct buf *into) {
    page_text(text, strlen(text), into);
}

static void put_code(const char *text, struct buf *into) {
    buf_put_text(into, "<code>");
    put_text(text, into);
    buf_put_text(into, "</code>");
}

/* Writes words in backquotes as code. */
static void put_words(const char *text, struct buf *into) {
    bool is_code = false;
    for (;; is_code = !is_code) {
        size_t len = strcspn(text, "`");
        page_text(text, len, into);
        if (text[len] == '\0') return;
        buf_put_text(into, is_code ? "</code>" : "<code>");
        text += len + 1;
    }
}

static void put_schema_link(const char *name, struct buf *into) {
    buf_printf(into, "<a href=\"#schema-%s\">%s</a>", name, name);
}

/* ---- an operation ------------------------------------------------------------------------ */

static void put_parameter(const struct route *route, enum parameter_id id, struct buf *into) {
    const struct parameter *parameter = &parameter_table[id];
    struct buf allowed;
    buf_init(&allowed, ANSWER_MAX);
    operation_write_values(parameter, &allowed);
    buf_put_text(into, "<dt><strong>");
    put_code(parameter->name, into);
    buf_put_text(into, "</strong>");
    buf_put_text(into, parameter->in_path              ? " in the address: "
                       : operation_requires(route, id) ? " (required): "
                                                       : ": ");
    put_text(buf_text(&allowed), into);
    if (parameter->fallback) {
        buf_put_text(into, "; ");
        put_code(parameter->fallback, into);
        buf_put_text(into, " by default");
    }
    buf_put_text(into, "</dt>\n<dd>");
    put_words(parameter->description, into);
    buf_put_text(into, "</dd>\n");
    buf_free(&allowed);
}

static void put_parameters(const struct route *route, struct buf *into) {
    if (!route->parameters[0]) return;
    buf_put_text(into, "<h4>Parameters</h4>\n<dl>\n");
    for (const enum parameter_id *id = route->parameters; *id; id++) {
        put_parameter(route, *id, into);
    }
    buf_put_text(into, "</dl>\n");
}

static void put_body(const struct request_body *body, struct buf *into) {
    if (!body) return;
    buf_put_text(into, "<h4>Body</h4>\n<p>");
    put_text(body->description, into);
    buf_put_text(into, "</p>\n<ul>\n");
    for (const struct body_content *content = body->contents; content->type; content++) {
        buf_put_text(into, "<li>");
        put_code(content->type, into);
        if (content->schema) {
            buf_put_text(into, ": ");
            put_schema_link(content->schema, into);
        }
        buf_put_text(into, "</li>\n");
    }
    buf_put_text(into, "</ul>\n");
}

static void put_answer(const struct answer *answer, struct buf *into) {
    buf_printf(into, "<dt>%u %s</dt>\n<dd>", answer->status, response_phrase(answer->status));
    if (answer->schema) {
        put_schema_link(answer->schema, into);
        buf_put_text(into, " as ");
    }
    if (answer->schema || answer->type) {
        put_code(answer->type ? answer->type : response_json, into);
    } else {
        buf_put_text(into, answer->status / 100 == 3 ? "<code>Location</code> is the next page."
                                                     : "No body.");
    }
    buf_put_text(into, "</dd>\n");
}

/* Writes the codes of a status. */
static void put_problem(const struct route *route, unsigned status, struct buf *into) {
    const char *between = "";
    for (enum err_code code = ERR_NONE + 1; code < ERR_CODES; code++) {
        if (problem_status(code) != status || !operation_may_fail(route, code)) continue;
        if (!between[0]) buf_printf(into, "<dt>%u %s</dt>\n<dd>", status, response_phrase(status));
        buf_put_text(into, between);
        buf_printf(into, "<a href=\"#code-%s\">%s</a>", err_slug(code), err_slug(code));
        between = ", ";
    }
    if (between[0]) buf_put_text(into, "</dd>\n");
}

static void put_answers(const struct route *route, struct buf *into) {
    buf_put_text(into, "<h4>Answers</h4>\n<dl>\n");
    for (const struct answer *answer = route->about.answers; answer->status; answer++) {
        put_answer(answer, into);
    }
    for (unsigned status = 400; status < 600; status++) put_problem(route, status, into);
    buf_put_text(into, "</dl>\n");
}

static void put_operation(const struct route *route, struct buf *into) {
    struct buf example;
    buf_init(&example, ANSWER_MAX);
    operation_write_example(route, &example);
    buf_printf(into, "<section id=\"%s\">\n<h3><code>%s %s</code></h3>\n<p>", route->about.id,
               route->method, route->pattern);
    put_text(route->summary, into);
    buf_put_text(into, "</p>\n<pre>");
    put_text(buf_text(&example), into);
    buf_put_text(into, "</pre>\n");
    put_parameters(route, into);
    put_body(route->about.body, into);
    put_answers(route, into);
    buf_put_text(into, "</section>\n");
    buf_free(&example);
}

/* ---- schemas ----------------------------------------------------------------------------- */

/* How many brackets a line opens more than it closes. */
static int depth_of(const char *line, size_t len) {
    int depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < len; i++) {
        if (in_text && line[i] == '\\') {
            i++;
        } else if (line[i] == '"') {
            in_text = !in_text;
        } else if (!in_text && strchr("{[", line[i])) {
            depth++;
        } else if (!in_text && strchr("}]", line[i])) {
            depth--;
        }
    }
    return depth;
}

static void begin_schema(const char *line, struct buf *into) {
    int len = (int)strcspn(line + 1, "\"");
    buf_printf(into, "<details id=\"schema-%.*s\">\n<summary>%.*s</summary>\n<pre>", len, line + 1,
               len, line + 1);
}

/* Writes text in which the references to other schemas become links. */
static void put_linked(const char *text, size_t len, struct buf *into) {
    static const char before[] = "\"#/components/schemas/";
    const char *end = text + len;
    const char *found;
    while ((found = memmem(text, (size_t)(end - text), before, sizeof before - 1)) != NULL) {
        const char *name = found + sizeof before - 1;
        int name_len = (int)strcspn(name, "\"");
        page_text(text, (size_t)(found - text), into);
        buf_printf(into, "<a href=\"#schema-%.*s\">%.*s</a>", name_len, name, name_len, name);
        text = name + name_len + 1;
    }
    page_text(text, (size_t)(end - text), into);
}

/* Writes a line with its indentation, which the program does not hold. depth: before the line. */
static void put_line(const char *line, size_t len, int depth, struct buf *into) {
    bool closes = line[0] == '}' || line[0] == ']';
    for (int i = closes ? 1 : 0; i < depth; i++) buf_put_text(into, "  ");
    put_linked(line, len, into);
    buf_put_char(into, '\n');
}

static void put_schemas(struct buf *into) {
    int depth = 0;
    buf_put_text(into, "<h2 id=\"schemas\">Documents</h2>\n<p>JSON Schema of what is answered, and "
                       "of bodies.</p>\n");
    for (const char *line = answer_schemas; *line; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        if (depth == 0 && line[0] != '"') continue; /* a comma between files */
        if (depth == 0) begin_schema(line, into);
        int more = depth_of(line, len);
        bool is_last = depth + more == 0 && line[len - 1] == ',';
        put_line(line, is_last ? len - 1 : len, depth, into);
        depth += more;
        if (depth == 0) buf_put_text(into, "</pre>\n</details>\n");
    }
}

/* ---- the page ---------------------------------------------------------------------------- */

static void put_beginning(struct buf *into) {
    page_begin("Reference", into);
    buf_put_text(into, "<p>What this service answers, version " PACKAGE_VERSION
                       ". Programs read the same at <a href=\"/openapi.json\">/openapi.json</a> "
                       "(OpenAPI 3.1).</p>\n"
                       "<p>A parameter that an address does not know, or whose value makes no "
                       "sense, is 400. <code>HEAD</code> works wherever <code>GET</code> does. "
                       "A browser gets documents as pages; everybody else gets JSON.</p>\n"
                       "<p>A name has ");
    put_text(run_name_rule, into);
    buf_printf(into, ". A token has 1 to %d letters, digits, dashes and underscores.</p>\n",
               TOKEN_MAX);
}

static void put_contents(struct buf *into) {
    buf_put_text(into, "<nav>\n");
    for (const struct operation_tag *tag = operation_tags; tag->name; tag++) {
        buf_printf(into, "<details>\n<summary>%s</summary>\n<ul>\n", tag->name);
        for (size_t i = 0; i < route_count; i++) {
            const struct route *route = &route_table[i];
            if (strcmp(route->about.tag, tag->name) != 0) continue;
            buf_printf(into, "<li><a href=\"#%s\">%s %s</a></li>\n", route->about.id, route->method,
                       route->pattern);
        }
        buf_put_text(into, "</ul>\n</details>\n");
    }
    buf_put_text(into,
                 "<p><a href=\"#errors\">Errors</a> · <a href=\"#schemas\">Documents</a></p>\n"
                 "</nav>\n");
}

static void put_operations(struct buf *into) {
    for (const struct operation_tag *tag = operation_tags; tag->name; tag++) {
        buf_printf(into, "<h2>%s</h2>\n<p>%s</p>\n", tag->name, tag->description);
        for (size_t i = 0; i < route_count; i++) {
            if (strcmp(route_table[i].about.tag, tag->name) != 0) continue;
            put_operation(&route_table[i], into);
        }
    }
}

static void put_errors(struct buf *into) {
    buf_put_text(into, "<h2 id=\"errors\">Errors</h2>\n<p>An error is "
                       "<code>application/problem+json</code> with a <code>code</code>.</p>\n<dl "
                       "id=\"schema-ErrorCode\">\n");
    for (enum err_code code = ERR_NONE + 1; code < ERR_CODES; code++) {
        if (!problem_when(code)) continue;
        buf_printf(into, "<dt id=\"code-%s\"><code>%s</code> (%u)</dt>\n<dd>", err_slug(code),
                   err_slug(code), problem_status(code));
        put_words(problem_when(code), into);
        buf_put_text(into, "</dd>\n");
    }
    buf_put_text(into, "</dl>\n");
}

void reference_write(struct buf *into) {
    put_beginning(into);
    put_contents(into);
    put_operations(into);
    put_errors(into);
    put_schemas(into);
    page_end(into);
}

/* ---- the route --------------------------------------------------------------------------- */

void reference_get(struct exchange *x) {
    struct err err;
    struct buf reference;
    buf_init(&reference, ANSWER_MAX);
    reference_write(&reference);
    if (reference.failed) {
        err_set(&err, ERR_BUSY, "out of memory for the reference; try again");
        answer_error(x, &err, NULL);
    } else {
        answer_html(x, &reference, false);
    }
    buf_free(&reference);
}
