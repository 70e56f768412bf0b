/* Tells whether a client has an answer already: see version.h. */
#include "api/version.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/routes.h"
#include "base/fnv.h"

bool version_has(const struct exchange *x) {
    return x->route && x->route->version;
}

static uint64_t hash_address(const struct request *request) {
    uint64_t path = fnv_bytes(FNV_BEGIN, request->path, strlen(request->path) + 1);
    return fnv_bytes(path, request->query, strlen(request->query));
}

/* The address belongs to the version, so that nobody takes that of one answer for another's. */
static bool read_text(struct exchange *x, struct db *db, struct buf *version, struct err *err) {
    const char *params[] = {x->parameters.values[x->route->parameters[0]].text};
    if (!db_document(db, x->route->version, 1, params, version, err)) return false;
    snprintf(x->version, sizeof x->version, "%s-%016" PRIx64, buf_text(version),
             hash_address(x->request));
    return true;
}

bool version_read(struct exchange *x, struct db *db, struct err *err) {
    struct buf version;
    if (!version_has(x) || request_wants_html(x->request)) return true;
    buf_init(&version, VERSION_ROOM);
    bool good = read_text(x, db, &version, err);
    buf_free(&version);
    return good;
}

const char *version_etag(const struct exchange *x) {
    return x->version[0] ? x->version : NULL;
}

/* Whether this is an entity tag with that text. Compares weakly: a web server that compresses makes
 * strong tags weak. */
static bool is_tag(const char *tag, size_t len, const char *text) {
    if (len >= 2 && memcmp(tag, "W/", 2) == 0) {
        tag += 2;
        len -= 2;
    }
    return len == strlen(text) + 2 && tag[0] == '"' && tag[len - 1] == '"' &&
           memcmp(tag + 1, text, len - 2) == 0;
}

bool version_is_known(const struct exchange *x) {
    const char *tags = request_variable(x->request, "HTTP_IF_NONE_MATCH");
    if (!x->version[0]) return false;
    for (;;) {
        tags += strspn(tags, ", \t");
        size_t len = strcspn(tags, ", \t");
        if (len == 0) return false;
        if (is_tag(tags, len, x->version)) return true;
        tags += len;
    }
}

static bool look_up(struct exchange *x, struct err *err) {
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = version_read(x, db, err);
    pool_give(x->service->short_pool, db);
    return good;
}

bool version_answer(struct exchange *x) {
    struct err err;
    bool good = look_up(x, &err);
    if (good && !version_is_known(x)) return false;
    if (good) {
        answer_not_modified(x);
    } else {
        answer_error(x, &err, NULL);
    }
    return true;
}
