/* Represents one HTTP request: see request.h. */
#include "http/request.h"

#include <poll.h>
#include <string.h>
#include <strings.h>

static void read_variables(struct request *request) {
    static const char *const paths[] = {"PATH_INFO", "DOCUMENT_URI", "SCRIPT_NAME"};
    request->method = request_variable(request, "REQUEST_METHOD");
    request->query = request_variable(request, "QUERY_STRING");
    request->path = "";
    for (size_t i = 0; i < sizeof paths / sizeof *paths && request->path[0] == '\0'; i++) {
        request->path = request_variable(request, paths[i]);
    }
    if (request->path[0] == '\0') request->path = "/";
}

void request_from_fcgi(struct request *request, FCGX_Request *fcgx) {
    *request = (struct request){.fcgx = fcgx, .envp = fcgx->envp};
    read_variables(request);
}

void request_from_cgi(struct request *request, char **environment) {
    *request = (struct request){.envp = environment};
    read_variables(request);
}

const char *request_variable(const struct request *request, const char *name) {
    const char *value = FCGX_GetParam(name, request->envp);
    return value ? value : "";
}

bool request_client_is_gone(void *self) {
    const struct request *request = self;
    if (!request->fcgx) return false;
    struct pollfd socket = {.fd = request->fcgx->ipcFd}; /* POLLHUP and POLLERR always count */
    return poll(&socket, 1, 0) > 0;
}

bool request_wants_html(const struct request *request) {
    const char *accept = request_variable(request, "HTTP_ACCEPT");
    const char *html = strstr(accept, "text/html");
    const char *json = strstr(accept, "json");
    return html && (!json || html < json);
}

bool request_is_from_elsewhere(const struct request *request) {
    const char *site = request_variable(request, "HTTP_SEC_FETCH_SITE");
    const char *origin = request_variable(request, "HTTP_ORIGIN");
    if (site[0]) return strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
    if (!origin[0]) return false;
    const char *authority = strstr(origin, "://");
    return !authority || strcasecmp(authority + 3, request_variable(request, "HTTP_HOST")) != 0;
}
