/* Writes JSON into a buffer: see writer.h. */
#include "json/writer.h"

#include <math.h>
#include <string.h>

#include "json/shortest.h"

void json_write_string(struct buf *into, const char *text, size_t len) {
    buf_put_char(into, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            buf_put_char(into, '\\');
            buf_put_char(into, (char)c);
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(into, "\\u%04x", c);
        } else {
            buf_put_char(into, (char)c);
        }
    }
    buf_put_char(into, '"');
}

void json_write_text(struct buf *into, const char *text) {
    json_write_string(into, text, strlen(text));
}

void json_write_double(struct buf *into, double value) {
    char text[SHORTEST_ROOM];
    if (isfinite(value)) {
        buf_put(into, text, shortest_write(value, text));
    } else {
        buf_put_text(into, "null");
    }
}

void json_write_count(struct buf *into, uint64_t value) {
    char text[24];
    char *at = text + sizeof text;
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_put(into, at, (size_t)(text + sizeof text - at));
}
