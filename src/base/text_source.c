/* Reads text in memory: see text_source.h. */
#include "base/text_source.h"

#include <string.h>

static ssize_t read_text(void *self, char *into, size_t room, struct err *err) {
    (void)err;
    struct text_source *source = self;
    size_t len = source->len < room ? source->len : room;
    memcpy(into, source->text, len);
    source->text += len;
    source->len -= len;
    return (ssize_t)len;
}

void text_source_init(struct text_source *source, const char *text, size_t len) {
    *source = (struct text_source){.text = text, .len = len};
    source->reader = (struct reader){.read = read_text, .self = source};
}
