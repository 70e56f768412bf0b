/* Finds and calls the route of a request: see route.h. The table is in routes.c. */
#include "api/route.h"

#include <stdio.h>
#include <string.h>

#include "api/exchange.h"
#include "api/export.h"
#include "api/health.h"
#include "api/routes.h"

enum {
    ALLOW_ROOM = 64
};

/* The variable parts of a path, in order. */
struct captures {
    size_t count;
    struct slice parts[ROUTE_PARAMETERS];
};

/* A slash at the end of the path makes no difference. */
static bool match(const char *pattern, const char *path, struct captures *captures) {
    captures->count = 0;
    while (*pattern) {
        if (*pattern == '{') {
            size_t len = strcspn(path, "/");
            if (len == 0) return false;
            captures->parts[captures->count++] = (struct slice){path, len};
            pattern = strchr(pattern, '}') + 1;
            path += len;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return path[0] == '\0' || strcmp(path, "/") == 0;
}

static bool method_is(const struct request *request, const char *method) {
    if (strcmp(request->method, method) == 0) return true;
    return strcmp(request->method, "HEAD") == 0 && strcmp(method, "GET") == 0;
}

/* A page of another site must not make its visitors' browsers change data here. */
static bool check_origin(const struct exchange *x, struct err *err) {
    if (strcmp(x->route->method, "GET") == 0 || !request_is_from_elsewhere(x->request)) return true;
    return err_set(err, ERR_FORBIDDEN,
                   "this request was sent by a page of another site; only pages of "
                   "this site may change data");
}

static bool read_parameters(struct exchange *x, const struct captures *captures, struct err *err) {
    const enum parameter_id *takes = x->route->parameters;
    for (size_t i = 0; i < captures->count; i++) {
        if (!parameters_read_path(&x->parameters, takes[i], captures->parts[i], err)) return false;
    }
    return parameters_read_query(&x->parameters, takes, x->request->query, err);
}

static void answer_route(struct exchange *x, const struct captures *captures) {
    struct err err;
    if (!request_is_refused(x->request, &err) && check_origin(x, &err) &&
        read_parameters(x, captures, &err)) {
        x->route->handle(x);
    } else {
        answer_error(x, &err, NULL);
    }
}

/* allow: the methods of this address; "" if there is no such address. */
static void answer_no_route(struct exchange *x, const char *allow) {
    struct err err;
    if (allow[0]) {
        bool asks = strcmp(x->request->method, "OPTIONS") == 0;
        (asks ? answer_options : answer_method_not_allowed)(x, allow);
        return;
    }
    err_set(&err, ERR_UNKNOWN_ROUTE, "there is nothing at this address; the start page is /");
    answer_error(x, &err, NULL);
}

static void allow_method(char *allow, size_t room, const char *method) {
    size_t len = strlen(allow);
    snprintf(allow + len, room - len, "%s%s", len ? ", " : "",
             strcmp(method, "GET") == 0 ? "GET, HEAD" : method);
}

/* Returns the route of a request; NULL if there is none. allow: the methods of its address. */
static const struct route *find_route(const struct request *request, struct captures *captures,
                                      char *allow, size_t room) {
    allow[0] = '\0';
    for (size_t i = 0; i < route_count; i++) {
        if (!match(route_table[i].pattern, request->path, captures)) continue;
        if (method_is(request, route_table[i].method)) return &route_table[i];
        allow_method(allow, room, route_table[i].method);
    }
    return NULL;
}

enum route_kind route_kind(const struct request *request) {
    struct captures captures;
    char allow[ALLOW_ROOM];
    const struct route *route = find_route(request, &captures, allow, sizeof allow);
    if (!route) return ROUTE_OTHER;
    if (route->handle == health_get) return ROUTE_HEALTH;
    if (route->handle == export_get) return ROUTE_EXPORT;
    static const char *const with_body[] = {"PUT", "POST", "PATCH"};
    for (size_t i = 0; i < sizeof with_body / sizeof *with_body; i++) {
        if (strcmp(route->method, with_body[i]) == 0) return ROUTE_UPLOAD;
    }
    return ROUTE_OTHER;
}

void route_request(struct service *service, struct request *request) {
    struct exchange x = {.service = service, .request = request};
    struct captures captures;
    char allow[ALLOW_ROOM];
    x.route = find_route(request, &captures, allow, sizeof allow);
    if (x.route) {
        answer_route(&x, &captures);
    } else {
        answer_no_route(&x, allow);
    }
}
