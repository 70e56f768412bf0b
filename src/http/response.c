/* Writes the answer: see response.h. */
#include "http/response.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"

const char response_json[] = "application/json";
const char response_problem[] = "application/problem+json";
const char response_html[] = "text/html; charset=utf-8";

const char *response_phrase(unsigned status) {
    static const struct {
        unsigned status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        if (phrases[i].status == status) return phrases[i].phrase;
    }
    return "Unknown";
}

/* One address answers with JSON or with a page. */
static void write_caching(const struct response *response, struct buf *into) {
    const char *cache = response->may_be_kept ? "private, no-cache" : "no-store";
    buf_printf(into, "Cache-Control: %s\r\n", response->cache ? response->cache : cache);
    if (response->may_be_kept) buf_put_text(into, "Vary: Accept\r\n");
    if (response->etag) buf_printf(into, "ETag: \"%s\"\r\n", response->etag);
}

/* nginx keeps some headers of an answer with X-Accel-Redirect, also when it then finds no file. So
 * the one about caching has a name of its own; pgcoco-pictures.conf gives it to the client. */
static void write_file(const struct response *response, struct buf *into) {
    buf_printf(into, "X-Accel-Redirect: %s\r\nX-Pgcoco-Cache: %s\r\n\r\n", response->file,
               response->cache);
}

/* Pages show text from uploads: nothing in it may run or be taken for another type. The digest is
 * that of the style which api/page.c writes. */
static void write_policy(const struct response *response, struct buf *into) {
    buf_printf(into,
               "X-Content-Type-Options: nosniff\r\n"
               "Content-Security-Policy: default-src 'none'; style-src "
               "'sha256-2nOY5cWEm05NWrPEm7Jt8wmvE+hJXwWpmjj62OiolZg='; %sform-action 'self'; "
               "base-uri 'none'; frame-ancestors 'none'\r\n",
               response->runs_scripts ? "script-src 'self'; " : "");
}

static void write_head(const struct response *response, struct buf *into) {
    buf_printf(into, "Status: %u %s\r\n", response->status, response_phrase(response->status));
    if (response->file) {
        write_file(response, into);
        return;
    }
    if (response->type) {
        buf_printf(into, "Content-Type: %s\r\n", response->type);
        if (!response->streamed) buf_printf(into, "Content-Length: %zu\r\n", response->len);
        write_policy(response, into);
    }
    write_caching(response, into);
    if (response->location) buf_printf(into, "Location: %s\r\n", response->location);
    if (response->attachment) {
        buf_printf(into, "Content-Disposition: attachment; filename=\"%s\"\r\n",
                   response->attachment);
    }
    if (response->allow) buf_printf(into, "Allow: %s\r\n", response->allow);
    if (response->retry_after) buf_printf(into, "Retry-After: %u\r\n", response->retry_after);
    buf_put_text(into, "\r\n");
}

static bool write_all(const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, len);
        if (done < 0) return false;
        bytes += done;
        len -= (size_t)done;
    }
    return true;
}

bool response_put(struct request *request, const char *bytes, size_t len) {
    return request->channel ? channel_write(request->channel, bytes, len) : write_all(bytes, len);
}

bool response_send(struct request *request, const struct response *response) {
    struct buf head;
    buf_init(&head, 8192);
    write_head(response, &head);
    bool has_body = response->type && !response->streamed && strcmp(request->method, "HEAD") != 0;
    bool good = !head.failed && response_put(request, buf_text(&head), head.len) &&
                (!has_body || response_put(request, response->body, response->len));
    buf_free(&head);
    return good;
}

void response_abort(struct request *request) {
    /* A CGI program can only stop; the JSON is then incomplete. */
    if (request->channel) channel_abort(request->channel);
}
