/* Parts of file names: see file_name.h. */
#include "coco/file_name.h"

#include <string.h>

/* memrchr, because names are long where somebody wants to make a look-up slow. */
static size_t after_last(struct slice name, char c) {
    const char *found = name.len ? memrchr(name.data, c, name.len) : NULL;
    return found ? (size_t)(found - name.data) + 1 : 0;
}

struct slice file_name_base(struct slice name) {
    size_t slash = after_last(name, '/');
    size_t backslash = after_last(name, '\\');
    size_t start = slash > backslash ? slash : backslash;
    return (struct slice){name.data + start, name.len - start};
}

struct slice file_name_stem(struct slice name) {
    struct slice base = file_name_base(name);
    size_t dot = after_last(base, '.');
    return (struct slice){base.data, dot > 1 ? dot - 1 : base.len};
}

struct slice file_name_number(struct slice name) {
    static const struct slice none = {NULL, 0};
    struct slice stem = file_name_stem(name);
    size_t zeros = 0;
    for (size_t i = 0; i < stem.len; i++) {
        if (stem.data[i] < '0' || stem.data[i] > '9') return none;
        if (stem.data[i] == '0' && zeros == i) zeros++;
    }
    if (stem.len == 0) return none;
    if (zeros == stem.len) zeros--;
    return (struct slice){stem.data + zeros, stem.len - zeros};
}

static bool is_equal(struct slice a, struct slice b) {
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

bool file_name_is_same(struct slice a, struct slice b) {
    struct slice base_a = file_name_base(a);
    struct slice base_b = file_name_base(b);
    if (is_equal(base_a, base_b)) return true;
    struct slice stem_a = file_name_stem(base_a);
    struct slice stem_b = file_name_stem(base_b);
    /* One of them may have no ending, but a dot in its name. */
    if (is_equal(stem_a, stem_b) || is_equal(base_a, stem_b) || is_equal(stem_a, base_b)) {
        return true;
    }
    struct slice number_a = file_name_number(stem_a);
    struct slice number_b = file_name_number(stem_b);
    return number_a.data && number_b.data && is_equal(number_a, number_b);
}
