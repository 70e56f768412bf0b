/* The routes: see route.h. */
#include "api/route.h"

#include <stdio.h>
#include <string.h>

#include "api/documents.h"
#include "api/exchange.h"
#include "api/export.h"
#include "api/home.h"
#include "api/uploads.h"

struct route {
    const char *method;
    const char *pattern; /* {} stands for one segment of the path */
    void (*handle)(struct exchange *x, const char *sql);
    const char *sql; /* what the handler asks the database, with the {} as $1 and $2 */
};

static const struct route routes[] = {
    {"GET", "/", home_get, "select coco.summary_document()"},
    {"GET", "/healthz", document_get, "select json_build_object('status', 'ok')"},
    {"GET", "/datasets", document_get, "select coco.datasets_document()"},
    {"POST", "/datasets", upload_new_dataset, NULL},
    {"GET", "/datasets/{}", document_get, "select coco.dataset_document($1)"},
    {"PUT", "/datasets/{}", upload_dataset, NULL},
    {"DELETE", "/datasets/{}", document_delete, "select coco.dataset_delete($1)"},
    {"GET", "/datasets/{}/runs", document_get, "select coco.runs_document($1)"},
    {"GET", "/datasets/{}/runs/{}", document_get, "select coco.run_document($1, $2)"},
    {"PUT", "/datasets/{}/runs/{}", upload_run, NULL},
    {"DELETE", "/datasets/{}/runs/{}", document_delete, "select coco.run_delete($1, $2)"},
    {"POST", "/datasets/{}/predictions", upload_predictions, NULL},
    {"GET", "/datasets/{}/runs/{}/predictions", export_get,
     "select head, command from coco.export_run($1, $2)"},
    {"GET", "/datasets/{}/annotations", export_get,
     "select head, command from coco.export_ground_truth($1)"},
    {"POST", "/predictions", upload_predictions_form, NULL},
    {"GET", "/imports/{}", document_get, "select coco.import_document($1)"},
};

enum {
    ROUTES = sizeof routes / sizeof *routes
};

/* Whether the path fits the pattern; what stands for its {} goes to parameters. */
static bool matches(const char *pattern, const char *path,
                    char parameters[EXCHANGE_PARAMETERS][PARAMETER_MAX]) {
    size_t parameter = 0;
    while (*pattern) {
        if (strncmp(pattern, "{}", 2) == 0) {
            size_t len = strcspn(path, "/");
            if (len == 0 || len >= PARAMETER_MAX) return false;
            memcpy(parameters[parameter], path, len);
            parameters[parameter++][len] = '\0';
            pattern += 2;
            path += len;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

static bool method_is(const struct request *request, const char *method) {
    if (strcmp(request->method, method) == 0) return true;
    return strcmp(request->method, "HEAD") == 0 && strcmp(method, "GET") == 0;
}

/* Another site's page may not have its visitors' browsers change anything here. */
static void answer_route(struct exchange *x, const struct route *route) {
    struct err err;
    if (strcmp(route->method, "GET") == 0 || !request_is_from_elsewhere(x->request)) {
        route->handle(x, route->sql);
        return;
    }
    err_set(&err, ERR_FORBIDDEN, "this was sent by the page of another site");
    answer_error(x, &err, NULL);
}

static void answer_no_route(struct exchange *x, const char *allow) {
    struct err err;
    if (allow[0]) {
        answer_method_not_allowed(x, allow);
        return;
    }
    err_set(&err, ERR_UNKNOWN_ROUTE, "there is nothing at this address");
    answer_error(x, &err, NULL);
}

void route_request(struct service *service, struct request *request) {
    struct exchange x = {.service = service, .request = request};
    char allow[64] = "";
    for (size_t i = 0; i < ROUTES; i++) {
        if (!matches(routes[i].pattern, request->path, x.parameters)) continue;
        if (method_is(request, routes[i].method)) {
            answer_route(&x, &routes[i]);
            return;
        }
        bool is_get = strcmp(routes[i].method, "GET") == 0;
        size_t len = strlen(allow);
        snprintf(allow + len, sizeof allow - len, "%s%s", len ? ", " : "",
                 is_get ? "GET, HEAD" : routes[i].method);
    }
    answer_no_route(&x, allow);
}
