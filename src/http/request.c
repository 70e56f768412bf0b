/* One HTTP request: see request.h. */
#include "http/request.h"

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

bool request_wants_html(const struct request *request) {
    const char *accept = request_variable(request, "HTTP_ACCEPT");
    const char *html = strstr(accept, "text/html");
    const char *json = strstr(accept, "json");
    return html && (!json || html < json);
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* application/x-www-form-urlencoded, up to `end`; false for a bad escape, a NUL, or too much. */
static bool decode(const char *p, const char *end, char *into, size_t room) {
    size_t len = 0;
    for (; p < end; p++) {
        char c = *p;
        if (c == '+') c = ' ';
        if (c == '%' && p + 1 < end) { /* one at the very end is what it looks like: 5% */
            int high = end - p > 2 ? hex_value(p[1]) : -1;
            int low = end - p > 2 ? hex_value(p[2]) : -1;
            if (high < 0 || low < 0 || (high | low) == 0) return false;
            c = (char)(high << 4 | low);
            p += 2;
        }
        if (len + 1 >= room) return false;
        into[len++] = c;
    }
    into[len] = '\0';
    return true;
}

static bool is_named(const char *p, const char *name) {
    size_t len = strcspn(p, "=&");
    return len == strlen(name) && memcmp(p, name, len) == 0;
}

int request_parameter(const struct request *request, const char *name, char *into, size_t room) {
    for (const char *p = request->query; *p;) {
        const char *end = strchrnul(p, '&');
        if (is_named(p, name)) {
            const char *value = p + strlen(name);
            return decode(*value == '=' ? value + 1 : value, end, into, room) ? 1 : -1;
        }
        p = *end ? end + 1 : end;
    }
    return 0;
}

bool request_has_only(const struct request *request, const char *const *names) {
    for (const char *p = request->query; *p;) {
        const char *const *name = names;
        while (*name && !is_named(p, *name)) name++;
        if (!*name && *p != '&') return false;
        const char *end = strchrnul(p, '&');
        p = *end ? end + 1 : end;
    }
    return true;
}

bool request_is_from_elsewhere(const struct request *request) {
    const char *site = request_variable(request, "HTTP_SEC_FETCH_SITE");
    const char *origin = request_variable(request, "HTTP_ORIGIN");
    if (site[0]) return strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
    if (!origin[0]) return false;
    const char *authority = strstr(origin, "://");
    return !authority || strcasecmp(authority + 3, request_variable(request, "HTTP_HOST")) != 0;
}
