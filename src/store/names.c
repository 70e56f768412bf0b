/* Finds ids by names: see names.h. */
#include "store/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "coco/file_name.h"
#include "store/rows.h"

/* The ways to find a name. Each has a name space of its own, but base and stem share one. */
enum kind {
    WHOLE,
    BASE,
    STEM,
    NUMBER,
    FOLDED /* in any case */
};

static enum kind space_of(enum kind kind) {
    return kind == STEM ? BASE : kind;
}

/* Sorted by hash. Names of one hash are then sorted by themselves, so that no set of names makes a
 * look-up slow, and none is taken for another. */
struct name_way {
    uint32_t hash;
    uint32_t nth : 29; /* index in ids */
    uint32_t kind : 3;
};

enum {
    NAMES_MAX = 1 << 29
};

static void init(struct names *names, bool are_images) {
    *names = (struct names){.are_images = are_images};
    buf_init(&names->texts, NAMES_BYTES_MAX);
}

void names_init_images(struct names *names) {
    init(names, true);
}

void names_init_categories(struct names *names) {
    init(names, false);
}

void names_free(struct names *names) {
    buf_free(&names->texts);
    free(names->ids);
    free(names->starts);
    free(names->ways);
    init(names, names->are_images);
}

/* ---- texts -------------------------------------------------------------------------------- */

static struct slice name_at(const struct names *names, size_t nth) {
    size_t start = names->starts[nth];
    size_t end = nth + 1 < names->count ? names->starts[nth + 1] : names->texts.len;
    return (struct slice){names->texts.data + start, end - start};
}

static struct slice part_of(struct slice name, enum kind kind) {
    switch (kind) {
    case BASE:
        return file_name_base(name);
    case STEM:
        return file_name_stem(name);
    case NUMBER:
        return file_name_number(name);
    default:
        return name;
    }
}

/* Lower case, for ASCII only. */
static unsigned char fold(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Folded to 32 bits. */
static uint32_t hash_of(struct slice text, enum kind kind) {
    uint64_t hash = FNV_BEGIN ^ ((uint64_t)kind << 8);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = kind == FOLDED ? fold(text.data[i]) : (unsigned char)text.data[i];
        hash = fnv_byte(hash, c);
    }
    return (uint32_t)(hash ^ hash >> 32);
}

static int compare_texts(struct slice a, struct slice b, enum kind kind) {
    if (a.len != b.len) return a.len < b.len ? -1 : 1;
    if (kind != FOLDED) return a.len ? memcmp(a.data, b.data, a.len) : 0;
    for (size_t i = 0; i < a.len; i++) {
        int difference = fold(a.data[i]) - fold(b.data[i]);
        if (difference != 0) return difference;
    }
    return 0;
}

/* ---- ways --------------------------------------------------------------------------------- */

/* Compares a way with another one, or with what is looked up. */
static int compare_way(const struct names *names, const struct name_way *way, uint32_t hash,
                       enum kind kind, struct slice text) {
    if (way->hash != hash) return way->hash < hash ? -1 : 1;
    enum kind space = space_of((enum kind)way->kind);
    if (space != kind) return space < kind ? -1 : 1;
    return compare_texts(part_of(name_at(names, way->nth), (enum kind)way->kind), text, kind);
}

static int compare(const void *a, const void *b, void *self) {
    const struct names *names = self;
    const struct name_way *x = a;
    const struct name_way *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    struct slice text = part_of(name_at(names, y->nth), (enum kind)y->kind);
    int order = compare_way(names, x, y->hash, space_of((enum kind)y->kind), text);
    return order != 0 ? order : (x->nth > y->nth) - (x->nth < y->nth);
}

/* Returns the first way with this text, or way_count. */
static size_t first_way(const struct names *names, struct slice text, enum kind kind) {
    uint32_t hash = hash_of(text, kind);
    size_t low = 0;
    size_t high = names->way_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_way(names, &names->ways[middle], hash, kind, text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
        low < names->way_count && compare_way(names, &names->ways[low], hash, kind, text) == 0;
    return found ? low : names->way_count;
}

static enum names_found find(const struct names *names, struct slice text, enum kind kind,
                             int64_t *id) {
    size_t first = first_way(names, text, kind);
    if (first == names->way_count) return NAMES_NONE;
    const struct name_way *next = &names->ways[first + 1];
    bool last = first + 1 == names->way_count;
    *id = names->ids[names->ways[first].nth];
    return !last && compare_way(names, next, names->ways[first].hash, kind, text) == 0
               ? NAMES_SEVERAL
               : NAMES_ONE;
}

enum names_found names_find(const struct names *names, struct slice name, int64_t *id) {
    enum names_found found = find(names, name, WHOLE, id);
    if (found != NAMES_NONE) return found;
    if (!names->are_images) return find(names, name, FOLDED, id);
    found = find(names, name, BASE, id);
    if (found != NAMES_NONE) return found;
    /* The folders may be others than those of the dataset. */
    struct slice base = file_name_base(name);
    return base.len < name.len ? names_find(names, base, id) : NAMES_NONE;
}

/* ---- numbers ------------------------------------------------------------------------------ */

enum names_found names_find_number(const struct names *names, int64_t number, int64_t *id) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, number);
    return find(names, (struct slice){digits, (size_t)len}, NUMBER, id);
}

/* False if it does not fit 64 bits. */
static bool read_number(struct slice digits, int64_t *number) {
    *number = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (__builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, digits.data[i] - '0', number)) {
            return false;
        }
    }
    return true;
}

bool names_next_number(const struct names *names, size_t *place, int64_t *number, int64_t *id) {
    while (*place < names->way_count) {
        const struct name_way *way = &names->ways[(*place)++];
        if (way->kind == NUMBER && read_number(part_of(name_at(names, way->nth), NUMBER), number) &&
            names_find_number(names, *number, id) == NAMES_ONE) {
            return true;
        }
    }
    return false;
}

/* ---- names beside ids --------------------------------------------------------------------- */

/* Returns the place of an id, or `count`. */
static size_t find_id(const struct names *names, int64_t id) {
    size_t low = 0;
    size_t high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (names->ids[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < names->count && names->ids[low] == id ? low : names->count;
}

static struct slice name_or_none(const struct names *names, size_t nth) {
    return nth < names->count ? name_at(names, nth) : (struct slice){NULL, 0};
}

struct slice names_get(const struct names *names, int64_t id) {
    return name_or_none(names, find_id(names, id));
}

/* The same, faster for the id of the last call. */
static struct slice name_of(struct names *names, int64_t id) {
    if (names->last >= names->count || names->ids[names->last] != id) {
        names->last = find_id(names, id);
    }
    return name_or_none(names, names->last);
}

bool names_check(struct names *names, int64_t id, struct slice name, bool *contradicts,
                 struct slice *known, struct err *err) {
    int64_t ignored;
    *contradicts = false;
    *known = name_of(names, id);
    if (known->data && names->are_images) {
        *contradicts = !file_name_is_same(*known, name);
        return true;
    }
    if (known->data && compare_texts(*known, name, FOLDED) == 0) return true;
    if (!names_index(names, err)) return false;
    *contradicts = names_find(names, name, &ignored) != NAMES_NONE;
    return true;
}

/* ---- loading ------------------------------------------------------------------------------ */

static bool reserve(struct names *names, struct err *err) {
    if (names->count < names->cap) return true;
    size_t cap = names->cap ? 2 * names->cap : 1024;
    int64_t *ids = realloc(names->ids, cap * sizeof *ids);
    if (ids) names->ids = ids;
    uint32_t *starts = realloc(names->starts, cap * sizeof *starts);
    if (starts) names->starts = starts;
    if (!ids || !starts) return err_set(err, ERR_BUSY, "out of memory for %zu names", cap);
    names->cap = cap;
    return true;
}

bool names_add(struct names *names, int64_t id, struct slice name, struct err *err) {
    size_t start = names->texts.len;
    buf_put(&names->texts, name.data, name.len);
    if (names->texts.failed || names->count == NAMES_MAX) {
        return err_set(err, ERR_BUSY,
                       "the names of the dataset take more memory than an import may use (%d MiB); "
                       "match=id does without those beside ids",
                       NAMES_BYTES_MAX >> 20);
    }
    if (!reserve(names, err)) return false;
    names->ids[names->count] = id;
    names->starts[names->count++] = (uint32_t)start;
    names->has_numbers |= names->are_images && file_name_number(name).data != NULL;
    return true;
}

/* Adds one page of names after the id `after`, and moves it. *more is false if the page
 * is empty. */
static bool load_page(struct names *names, struct db *db, const char *sql, const char *dataset_id,
                      char after[24], bool *more, struct err *err) {
    const char *params[] = {dataset_id, after[0] ? after : NULL};
    struct rows rows;
    bool good = rows_query(&rows, db, sql, 2, params, err);
    for (int i = 0; good && i < rows.count; i++) {
        struct slice name = rows_slice(&rows, i, 1);
        good = name.len == 0 || names_add(names, rows_int64(&rows, i, 0), name, err);
    }
    *more = rows.count > 0;
    if (*more) snprintf(after, 24, "%s", rows_text(&rows, rows.count - 1, 0));
    rows_free(&rows);
    return good;
}

bool names_load(struct names *names, struct db *db, const char *dataset_id, struct err *err) {
    const char *sql = names->are_images ? "select id, name from coco.image_name_page($1, $2)"
                                        : "select id, name from coco.category_name_page($1, $2)";
    char after[24] = "";
    bool more = true;
    while (more) {
        if (!load_page(names, db, sql, dataset_id, after, &more, err)) return false;
    }
    names->loaded = true;
    return true;
}

/* ---- the index ---------------------------------------------------------------------------- */

static bool add_way(struct names *names, size_t nth, enum kind kind, struct err *err) {
    if (names->way_count == names->way_cap) {
        size_t cap = names->way_cap ? names->way_cap + names->way_cap / 2 : 2 * names->count;
        struct name_way *grown = realloc(names->ways, cap * sizeof *grown);
        if (!grown) return err_set(err, ERR_BUSY, "out of memory for %zu names", cap);
        names->ways = grown;
        names->way_cap = cap;
    }
    uint32_t hash = hash_of(part_of(name_at(names, nth), kind), space_of(kind));
    names->ways[names->way_count++] =
        (struct name_way){.hash = hash, .nth = (uint32_t)nth & (NAMES_MAX - 1), .kind = kind & 7};
    return true;
}

static bool add_ways(struct names *names, size_t nth, struct err *err) {
    struct slice name = name_at(names, nth);
    if (!add_way(names, nth, WHOLE, err)) return false;
    if (!names->are_images) return add_way(names, nth, FOLDED, err);
    size_t base = file_name_base(name).len;
    size_t stem = file_name_stem(name).len;
    return (base == name.len || add_way(names, nth, BASE, err)) &&
           (stem == base || add_way(names, nth, STEM, err)) &&
           (!file_name_number(name).data || add_way(names, nth, NUMBER, err));
}

bool names_index(struct names *names, struct err *err) {
    if (names->indexed) return true;
    for (size_t i = 0; i < names->count; i++) {
        if (!add_ways(names, i, err)) return false;
    }
    if (names->way_count > 0) {
        qsort_r(names->ways, names->way_count, sizeof *names->ways, compare, names);
    }
    names->indexed = true;
    return true;
}
