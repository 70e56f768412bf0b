/* Makes addresses of pictures: see picture_address.h. */
#include "api/picture_address.h"

#include <string.h>
#include <strings.h>

static bool is_plain(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c));
}

static void encode(struct slice text, bool keeps_slashes, struct buf *into) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (is_plain(c) || (c == '/' && keeps_slashes)) {
            buf_put_char(into, c);
        } else {
            buf_printf(into, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

/* Empty segments and "." are left out: "./a//b.jpg" is the file a/b.jpg. */
static void put_segments(const char *path, struct buf *into) {
    while (*path) {
        size_t len = strcspn(path, "/");
        if (len > 0 && !(len == 1 && path[0] == '.')) {
            buf_put_char(into, '/');
            encode((struct slice){path, len}, false, into);
        }
        path += len + (path[len] == '/');
    }
}

/* nginx' image_filter reads these. */
static bool has_thumbnails(const char *file_name) {
    static const char *const kinds[] = {".jpg", ".jpeg", ".png", ".gif", ".webp"};
    const char *kind = strrchr(file_name, '.');
    for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcasecmp(kind, kinds[i]) == 0) return true;
    }
    return false;
}

void picture_path(const char *size, const char *directory, const char *file_name,
                  struct buf *into) {
    bool is_small = size[0] && has_thumbnails(file_name);
    buf_printf(into, "/_pictures/%s", is_small ? size : "file");
    put_segments(directory, into);
    put_segments(file_name, into);
}

void picture_url(const char *pattern, const char *file_name, struct buf *into) {
    static const char place[] = "{file_name}";
    const char *at = strstr(pattern, place);
    size_t before = at ? (size_t)(at - pattern) : strlen(pattern);
    buf_put(into, pattern, before);
    if (!at) return;
    bool in_query = memchr(pattern, '?', before) != NULL;
    encode((struct slice){file_name, strlen(file_name)}, !in_query, into);
    buf_put_text(into, at + sizeof place - 1);
}
