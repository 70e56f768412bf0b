/* Writes JSON into a buffer: see writer.h. */
#include "json/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    buf_put_text(into, text);
}
