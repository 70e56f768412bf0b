/* Writes the tables of doc/api.md: see tables.h. */
#include "api/tables.h"

#include <string.h>

#include "api/operation.h"
#include "http/problem.h"

static void begin(const char *name, const char *head, struct buf *into) {
    buf_printf(into, "<!-- table of %s: made by pgcoco openapi --markdown -->\n\n%s\n", name, head);
    const char *bar = strchr(head, '|');
    while ((bar = strchr(bar + 1, '|')) != NULL) buf_put_text(into, "|---");
    buf_put_text(into, "|\n");
}

static void end(const char *name, struct buf *into) {
    buf_printf(into, "\n<!-- end of the table of %s -->\n", name);
}

/* ---- routes ------------------------------------------------------------------------------ */

static void put_query_parameters(const struct route *route, struct buf *into) {
    const char *between = "";
    for (const enum parameter_id *id = route->parameters; *id; id++) {
        if (parameter_table[*id].in_path) continue;
        buf_printf(into, operation_requires(route, *id) ? "%s**`%s`**" : "%s`%s`", between,
                   parameter_table[*id].name);
        between = ", ";
    }
}

static void put_statuses(const struct route *route, struct buf *into) {
    unsigned last = 0;
    for (const struct answer *answer = route->about.answers; answer->status; answer++) {
        if (answer->status != last) buf_printf(into, "%s%u", last ? ", " : "", answer->status);
        last = answer->status;
    }
}

/* Those that only some routes have, and that are not about bodies. */
static bool is_worth_a_word(const struct route *route, enum err_code code) {
    unsigned status = problem_status(code);
    return (status == 404 || status == 409) && operation_may_fail(route, code);
}

static void put_errors(const struct route *route, struct buf *into) {
    const char *between = "";
    for (enum err_code code = ERR_NONE + 1; code < ERR_CODES; code++) {
        if (!is_worth_a_word(route, code)) continue;
        buf_printf(into, "%s`%s`", between, err_slug(code));
        between = ", ";
    }
}

static void put_route(const struct route *route, struct buf *into) {
    buf_printf(into, "| `%s %s` | %s | ", route->method, route->pattern, route->summary);
    put_query_parameters(route, into);
    buf_put_text(into, " | ");
    put_statuses(route, into);
    buf_put_text(into, " | ");
    put_errors(route, into);
    buf_put_text(into, " |\n");
}

static void put_routes(struct buf *into) {
    begin("routes", "| request | | parameters | answers | errors |", into);
    for (const struct operation_tag *tag = operation_tags; tag->name; tag++) {
        for (size_t i = 0; i < route_count; i++) {
            if (strcmp(route_table[i].about.tag, tag->name) == 0) put_route(&route_table[i], into);
        }
    }
    end("routes", into);
}

/* ---- parameters -------------------------------------------------------------------------- */

static void put_parameter(const struct parameter *parameter, struct buf *into) {
    buf_printf(into, "| `%s` | ", parameter->name);
    operation_write_values(parameter, into);
    buf_printf(into, parameter->fallback ? " | `%s` | " : " | %s | ",
               parameter->fallback ? parameter->fallback : "");
    buf_printf(into, "%s |\n", parameter->description);
}

static void put_parameters(struct buf *into) {
    begin("parameters", "| parameter | value | default | |", into);
    for (enum parameter_id id = PARAMETER_NONE + 1; id < PARAMETERS; id++) {
        if (!parameter_table[id].in_path) put_parameter(&parameter_table[id], into);
    }
    end("parameters", into);
}

/* ---- errors ------------------------------------------------------------------------------ */

static void put_error_codes(struct buf *into) {
    begin("errors", "| status | `code` | when |", into);
    for (unsigned status = 400; status < 600; status++) {
        for (enum err_code code = ERR_NONE + 1; code < ERR_CODES; code++) {
            if (problem_status(code) != status || !problem_when(code)) continue;
            buf_printf(into, "| %u | `%s` | %s |\n", status, err_slug(code), problem_when(code));
        }
    }
    end("errors", into);
}

void tables_write(struct buf *into) {
    put_routes(into);
    buf_put_char(into, '\n');
    put_parameters(into);
    buf_put_char(into, '\n');
    put_error_codes(into);
}
