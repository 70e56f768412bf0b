/* Parts of file names: see file_name.h. */
#include "coco/file_name.h"

#include <string.h>

struct slice file_name_base(struct slice name) {
    for (size_t i = name.len; i > 0; i--) {
        if (name.data[i - 1] == '/' || name.data[i - 1] == '\\') {
            return (struct slice){name.data + i, name.len - i};
        }
    }
    return name;
}

struct slice file_name_stem(struct slice name) {
    struct slice base = file_name_base(name);
    for (size_t i = base.len; i > 1; i--) {
        if (base.data[i - 1] == '.') return (struct slice){base.data, i - 1};
    }
    return base;
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
