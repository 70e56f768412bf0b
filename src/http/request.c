/* Represents one HTTP request: see request.h. */
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

void request_from_channel(struct request *request, struct channel *channel) {
    *request = (struct request){.channel = channel};
    read_variables(request);
}

void request_from_cgi(struct request *request, char **environment) {
    *request = (struct request){.environment = environment};
    read_variables(request);
}

static const char *find_in_environment(char **environment, const char *name) {
    size_t len = strlen(name);
    for (; *environment; environment++) {
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=') {
            return *environment + len + 1;
        }
    }
    return NULL;
}

const char *request_variable(const struct request *request, const char *name) {
    const char *value = request->channel ? channel_variable(request->channel, name)
                                         : find_in_environment(request->environment, name);
    return value ? value : "";
}

bool request_client_is_gone(void *self) {
    const struct request *request = self;
    return request->channel && channel_is_gone(request->channel);
}

bool request_is_refused(const struct request *request, struct err *err) {
    const struct channel *channel = request->channel;
    if (!channel || channel->refused == ERR_NONE) return false;
    if (channel->refused == ERR_SLOW_BODY) return !rate_set_slow(channel->limits, err);
    return !err_set(err, channel->refused, "too many requests are under way; try again");
}

void request_set_hurry(struct request *request, bool (*must_hurry)(void *self), void *self) {
    if (!request->channel) return;
    request->channel->must_hurry = must_hurry;
    request->channel->self = self;
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
