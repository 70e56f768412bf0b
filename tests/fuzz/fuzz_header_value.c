/*
 * The parameters of a header value lie in it one after the other; a value that was quoted comes out
 * as it went in.
 */
#include "fuzz.h"

#include "http/header_value.h"

enum {
    TEXT_MAX = 1000
};

static void require_inside(struct span span, const char *from, const char *end) {
    fuzz_require(span.p >= from && span.p <= span.end && span.end <= end);
}

static void check_params(const char *text, size_t len) {
    struct span rest = {text, text + len};
    struct header_param param;
    const char *last = text;
    char value[TEXT_MAX + 1];
    bool found = true;
    struct span word = span_take_until(&rest, ";");
    require_inside(word, text, text + len);
    while (header_next_param(&rest, &param, &found) && found) {
        require_inside(param.name, last, text + len);
        require_inside(param.value, param.name.end, text + len);
        require_inside(rest, param.value.end, text + len);
        fuzz_require(rest.p > last);
        last = rest.p;
        if (!header_copy_value(&param, value, sizeof value)) continue;
        size_t copied = strlen(value);
        for (const char *c = value; *c; c++) fuzz_require((unsigned char)*c >= 0x20 && *c != 0x7f);
        fuzz_require(copied <= (size_t)(param.value.end - param.value.p));
        fuzz_require(header_copy_value(&param, value, copied + 1));
        fuzz_require(copied == 0 || !header_copy_value(&param, value, copied));
    }
}

/* Quotes a text without control characters as curl does. */
static void check_quoted(const char *plain) {
    char header[2 * TEXT_MAX + 16];
    char value[TEXT_MAX + 1];
    size_t len = (size_t)sprintf(header, "; name=\"");
    for (const char *p = plain; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) return;
        if (*p == '"' || *p == '\\') header[len++] = '\\';
        header[len++] = *p;
    }
    header[len++] = '"';
    struct span rest = {header, header + len};
    struct header_param param;
    bool found;
    fuzz_require(header_next_param(&rest, &param, &found) && found);
    fuzz_require(span_is_word(param.name, "NAME") && param.quoted);
    fuzz_require(header_copy_value(&param, value, sizeof value));
    fuzz_require(strcmp(value, plain) == 0 && rest.p == rest.end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > TEXT_MAX) return 0;
    char *text = strndup((const char *)data, size);
    fuzz_require(text);
    check_params((const char *)data, size);
    check_quoted(text);
    free(text);
    return 0;
}
