/* A query is taken apart into pairs that are all of it; what was encoded comes out of decoding. */
#include "fuzz.h"

#include "http/query.h"

enum {
    TEXT_MAX = 1000
};

/* Finds the same pairs as query_next by looking at each byte. */
static void check_pairs(const char *text) {
    const char *rest = text;
    const char *at = text;
    struct slice name;
    struct slice value;
    while (query_next(&rest, &name, &value)) {
        while (*at == '&') at++;
        const char *end = at;
        while (*end && *end != '&') end++;
        const char *equals = memchr(at, '=', (size_t)(end - at));
        fuzz_require(name.data == at && name.data + name.len == (equals ? equals : end));
        fuzz_require(value.len == (equals ? (size_t)(end - equals - 1) : 0));
        fuzz_require(value.len == 0 || value.data == equals + 1);
        at = end;
        fuzz_require(rest == end);
    }
    while (*at == '&') at++;
    fuzz_require(*at == '\0');
}

/* Decodes into any room that suffices, and none that does not. */
static void check_rooms(struct slice text) {
    char wide[TEXT_MAX + 1];
    char tight[TEXT_MAX + 1];
    if (!query_decode(text, wide, sizeof wide)) return;
    size_t len = strlen(wide);
    fuzz_require(len <= text.len);
    fuzz_require(query_decode(text, tight, len + 1) && strcmp(tight, wide) == 0);
    fuzz_require(len == 0 || !query_decode(text, tight, len));
}

static void check_round(const char *plain) {
    char encoded[3 * TEXT_MAX + 1];
    char decoded[TEXT_MAX + 1];
    size_t len = 0;
    for (const char *p = plain; *p; p++) {
        bool safe = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');
        len += (size_t)sprintf(encoded + len, safe ? "%c" : "%%%02X", (unsigned char)*p);
    }
    fuzz_require(query_decode((struct slice){encoded, len}, decoded, sizeof decoded));
    fuzz_require(strcmp(decoded, plain) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > TEXT_MAX) return 0;
    char *text = strndup((const char *)data, size);
    char *exact = malloc(size ? size : 1); /* a slice needs no NUL behind it */
    fuzz_require(text && exact);
    if (size) memcpy(exact, data, size);
    check_pairs(text);
    check_round(text);
    check_rooms((struct slice){exact, size});
    free(exact);
    free(text);
    return 0;
}
