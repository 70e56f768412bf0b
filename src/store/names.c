/* Finds ids by names: see names.h. */
#include "store/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/rows.h"

void names_free(struct names *names) {
    free(names->names);
    memset(names, 0, sizeof *names);
}

/* Kinds of names; a whole name is preferred to a part. */
enum kind {
    WHOLE,
    PART
};

/* 64-bit FNV-1a (draft-eastlake-fnv). Collisions between the names of a dataset are unlikely. */
static uint64_t hash_of(struct slice name, enum kind kind) {
    uint64_t hash = UINT64_C(14695981039346656037) ^ (kind == PART ? 0x100 : 0);
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.data[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

static bool add(struct names *names, struct slice name, enum kind kind, int64_t id,
                struct err *err) {
    if (names->count == names->cap) {
        size_t cap = names->cap ? names->cap + names->cap / 2 : 1024;
        struct name *grown = realloc(names->names, cap * sizeof *grown);
        if (!grown) return err_set(err, ERR_BUSY, "out of memory for %zu names", cap);
        names->names = grown;
        names->cap = cap;
    }
    names->names[names->count++] = (struct name){hash_of(name, kind), id};
    return true;
}

static struct slice without_folders(struct slice name) {
    for (size_t i = name.len; i > 0; i--) {
        if (name.data[i - 1] == '/' || name.data[i - 1] == '\\') {
            return (struct slice){name.data + i, name.len - i};
        }
    }
    return name;
}

/* Like Python's Path.stem: a leading dot does not start an ending. */
static struct slice without_ending(struct slice name) {
    for (size_t i = name.len; i > 1; i--) {
        if (name.data[i - 1] == '.') return (struct slice){name.data, i - 1};
    }
    return name;
}

static bool add_image(struct names *names, struct slice name, int64_t id, struct err *err) {
    struct slice file = without_folders(name);
    struct slice stem = without_ending(file);
    return add(names, name, WHOLE, id, err) &&
           (file.len == name.len || add(names, file, PART, id, err)) &&
           (stem.len == name.len || add(names, stem, PART, id, err));
}

static bool add_category(struct names *names, struct slice name, int64_t id, struct err *err) {
    return add(names, name, WHOLE, id, err);
}

static int compare(const void *a, const void *b) {
    const struct name *x = a;
    const struct name *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

typedef bool add_name(struct names *names, struct slice name, int64_t id, struct err *err);

/* Adds one page of names after the id `after`, and moves it. *more is false if the page
 * is empty. */
static bool load_page(struct names *names, struct db *db, const char *sql, const char *dataset_id,
                      char after[24], add_name *add_one, bool *more, struct err *err) {
    const char *params[] = {dataset_id, after[0] ? after : NULL};
    struct rows rows;
    bool good = rows_query(&rows, db, sql, 2, params, err);
    for (int i = 0; good && i < rows.count; i++) {
        struct slice name = rows_slice(&rows, i, 1);
        good = !name.data || add_one(names, name, rows_int64(&rows, i, 0), err);
    }
    *more = rows.count > 0;
    if (*more) snprintf(after, 24, "%s", rows_text(&rows, rows.count - 1, 0));
    rows_free(&rows);
    return good;
}

static bool load(struct names *names, struct db *db, const char *sql, const char *dataset_id,
                 add_name *add_one, struct err *err) {
    char after[24] = "";
    bool more = true;
    while (more) {
        if (!load_page(names, db, sql, dataset_id, after, add_one, &more, err)) return false;
    }
    if (names->count > 0) qsort(names->names, names->count, sizeof *names->names, compare);
    names->loaded = true;
    return true;
}

bool names_load_images(struct names *names, struct db *db, const char *dataset_id,
                       struct err *err) {
    names->in_folders = true;
    return load(names, db, "select id, name from coco.image_name_page($1, $2)", dataset_id,
                add_image, err);
}

bool names_load_categories(struct names *names, struct db *db, const char *dataset_id,
                           struct err *err) {
    return load(names, db, "select id, name from coco.category_name_page($1, $2)", dataset_id,
                add_category, err);
}

static enum names_found find(const struct names *names, uint64_t hash, int64_t *id) {
    size_t low = 0;
    size_t high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (names->names[middle].hash < hash) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == names->count || names->names[low].hash != hash) return NAMES_NONE;
    *id = names->names[low].id;
    for (size_t i = low + 1; i < names->count && names->names[i].hash == hash; i++) {
        if (names->names[i].id != *id) return NAMES_SEVERAL;
    }
    return NAMES_ONE;
}

enum names_found names_find(const struct names *names, struct slice name, int64_t *id) {
    enum names_found found = find(names, hash_of(name, WHOLE), id);
    if (found == NAMES_NONE) found = find(names, hash_of(name, PART), id);
    if (found != NAMES_NONE || !names->in_folders) return found;
    struct slice file = without_folders(name);
    return file.len < name.len ? names_find(names, file, id) : found;
}
