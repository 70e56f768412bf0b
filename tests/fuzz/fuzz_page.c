/*
 * A page has the markup of its renderer and no other, whatever the document and the title hold:
 * tags are known and closed in order, and all other <, > and & are escaped. It is at most a
 * constant factor longer than the document. Text that is escaped has no quotes either.
 */
#include "fuzz.h"

#include "api/page.h"

enum {
    TEXT_MAX = 8 * 1024,
    FRAME = 4096, /* bytes of a page around its document */
    LONGER = 64,  /* times: the tags of an object with one short member */
    DEPTH_MAX = 512
};

/* What a renderer of tables may write. */
static const char *const tags[] = {"html", "head", "meta", "title", "style", "body", "p",
                                   "a",    "h1",   "h2",   "table", "tr",    "th",   "td",
                                   "pre",  "ul",   "li",   "small", "br",    NULL};
static const char *const empty_tags[] = {"meta", "br", NULL};

struct scan {
    const char *p;
    const char *end;
    const char *open[DEPTH_MAX];
    size_t depth;
};

static const char *known(const char *const *names, const char *name, size_t len) {
    for (; *names; names++) {
        if (strlen(*names) == len && memcmp(*names, name, len) == 0) return *names;
    }
    return NULL;
}

static size_t name_length(const struct scan *scan, const char *name) {
    size_t len = 0;
    while (name + len < scan->end && ((name[len] >= 'a' && name[len] <= 'z') ||
                                      (len > 0 && name[len] >= '0' && name[len] <= '9'))) {
        len++;
    }
    return len;
}

static bool begins(const struct scan *scan, const char *text) {
    size_t len = strlen(text);
    return (size_t)(scan->end - scan->p) >= len && memcmp(scan->p, text, len) == 0;
}

/* Passes a tag; attributes may hold anything but an angle bracket. */
static void scan_tag(struct scan *scan) {
    bool closes = begins(scan, "</");
    const char *start = scan->p + 1 + closes;
    size_t len = name_length(scan, start);
    const char *name = known(tags, start, len);
    const char *end = memchr(start, '>', (size_t)(scan->end - start));
    fuzz_require(name && end && !memchr(start, '<', (size_t)(end - start)));
    fuzz_require(start[len] == '>' || (start[len] == ' ' && !closes));
    scan->p = end + 1;
    if (closes) {
        fuzz_require(scan->depth > 0 && scan->open[--scan->depth] == name);
    } else if (!known(empty_tags, name, strlen(name))) {
        fuzz_require(scan->depth < DEPTH_MAX);
        scan->open[scan->depth++] = name;
    }
}

static void scan_entity(struct scan *scan) {
    static const char *const entities[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        if (!begins(scan, entities[i])) continue;
        scan->p += strlen(entities[i]);
        return;
    }
    fuzz_require(!"an & that is no entity");
}

static void scan_text(struct scan *scan) {
    while (scan->p < scan->end) {
        if (*scan->p == '<') {
            scan_tag(scan);
        } else if (*scan->p == '&') {
            scan_entity(scan);
        } else {
            fuzz_require(*scan->p != '>');
            scan->p++;
        }
    }
    fuzz_require(scan->depth == 0);
}

static void check(struct buf *page, size_t size) {
    static const char doctype[] = "<!doctype html>\n";
    struct slice text = buf_slice(page);
    struct scan scan = {.p = text.data, .end = text.data + text.len};
    fuzz_require(!page->failed && text.len <= FRAME + LONGER * size);
    if (begins(&scan, doctype)) scan.p += sizeof doctype - 1;
    scan_text(&scan);
}

static void check_text(const char *text, size_t len, struct buf *into) {
    page_text(text, len, into);
    struct slice escaped = buf_slice(into);
    fuzz_require(!into->failed && !memchr(escaped.data, '"', escaped.len));
    fuzz_require(!memchr(escaped.data, '\'', escaped.len));
    check(into, len);
    fuzz_require(!memchr(escaped.data, '<', escaped.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf page;
    if (size > TEXT_MAX) return 0;
    char *title = strndup((const char *)data, size < 100 ? size : 100);
    fuzz_require(title);
    buf_init(&page, (size_t)FRAME + (size_t)LONGER * TEXT_MAX);
    page_json((const char *)data, size, &page);
    check(&page, size);
    buf_reset(&page);
    page_of_document(title, (const char *)data, size, &page);
    check(&page, size + 100);
    buf_reset(&page);
    check_text((const char *)data, size, &page);
    buf_free(&page);
    free(title);
    return 0;
}
