/* Finds images by ids that are texts: see text_ids.h. */
#include "store/text_ids.h"

#include <stdlib.h>
#include <string.h>

#include "store/rows.h"

enum {
    TEXTS_MAX = 1024 * 1024 * 1024, /* bytes */
    LAST_ROOM = 1024 + 1            /* coco/dataset.h: TEXT_ID_MAX */
};

void text_ids_init(struct text_ids *ids, size_t max_bytes) {
    memset(ids, 0, sizeof *ids);
    buf_init(&ids->texts, max_bytes);
}

bool text_ids_open(struct text_ids *ids, struct db *db, const char *dataset_id, struct err *err) {
    const char *params[] = {dataset_id};
    struct rows rows;
    text_ids_init(ids, TEXTS_MAX);
    bool good = rows_query(&rows, db, "select coco.first_text_image($1)", 1, params, err);
    ids->exist = good && !rows_is_null(&rows, 0, 0);
    ids->first = rows_int64(&rows, 0, 0);
    rows_free(&rows);
    return good;
}

void text_ids_free(struct text_ids *ids) {
    free(ids->ids);
    buf_free(&ids->texts);
    memset(ids, 0, sizeof *ids);
}

static bool reserve(struct text_ids *ids, size_t more, struct err *err) {
    size_t need = ids->count + more;
    if (need <= ids->cap) return true;
    size_t cap = need + need / 2;
    struct text_id *grown = realloc(ids->ids, cap * sizeof *grown);
    if (!grown) return err_set(err, ERR_BUSY, "out of memory for %zu image ids", need);
    ids->ids = grown;
    ids->cap = cap;
    return true;
}

bool text_ids_add(struct text_ids *ids, int64_t image_id, struct slice text, struct err *err) {
    if (!reserve(ids, 1, err)) return false;
    ids->ids[ids->count++] = (struct text_id){image_id, ids->texts.len, text.len};
    buf_put(&ids->texts, text.data, text.len);
    return !ids->texts.failed || err_set(err, ERR_BUSY, "out of memory for image ids");
}

/* Adds the page of ids that come after the last one. *more is false if it is empty. */
static bool load_page(struct text_ids *ids, struct db *db, const char *dataset_id, char *last,
                      bool *more, struct err *err) {
    const char *params[] = {dataset_id, ids->count > 0 ? last : NULL};
    struct rows rows;
    bool good = rows_query(&rows, db, "select image_id, text_id from coco.text_id_page($1, $2)", 2,
                           params, err) &&
                reserve(ids, (size_t)rows.count, err);
    for (int i = 0; good && i < rows.count; i++) {
        good = text_ids_add(ids, rows_int64(&rows, i, 0), rows_slice(&rows, i, 1), err);
    }
    *more = good && rows.count > 0;
    if (*more) {
        const char *text = rows_text(&rows, rows.count - 1, 1);
        size_t len = strnlen(text, LAST_ROOM - 1);
        memcpy(last, text, len);
        last[len] = '\0';
    }
    rows_free(&rows);
    return good;
}

bool text_ids_load(struct text_ids *ids, struct db *db, const char *dataset_id, struct err *err) {
    char last[LAST_ROOM] = "";
    for (bool more = true; more;) {
        if (!load_page(ids, db, dataset_id, last, &more, err)) return false;
    }
    ids->loaded = true;
    return true;
}

/* Compares bytes, as the collation "C" of the database does. */
static int compare(const struct text_ids *ids, const struct text_id *id, struct slice text) {
    size_t len = id->len < text.len ? id->len : text.len;
    int order = len > 0 ? memcmp(ids->texts.data + id->start, text.data, len) : 0;
    if (order != 0) return order;
    return id->len < text.len ? -1 : id->len > text.len;
}

static struct slice text_of(const struct text_ids *ids, const struct text_id *id) {
    return (struct slice){ids->texts.data + id->start, id->len};
}

static int compare_pairs(const void *a, const void *b, void *texts) {
    const struct text_ids *ids = texts;
    return compare(ids, a, text_of(ids, b));
}

bool text_ids_sort(struct text_ids *ids) {
    if (ids->count > 0) qsort_r(ids->ids, ids->count, sizeof *ids->ids, compare_pairs, ids);
    for (size_t i = 1; i < ids->count; i++) {
        if (ids->ids[i].image_id != ids->ids[i - 1].image_id &&
            compare(ids, &ids->ids[i - 1], text_of(ids, &ids->ids[i])) == 0) {
            return false;
        }
    }
    return true;
}

bool text_ids_find(const struct text_ids *ids, struct slice text, int64_t *image_id) {
    size_t low = 0;
    for (size_t high = ids->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare(ids, &ids->ids[middle], text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == ids->count || compare(ids, &ids->ids[low], text) != 0) return false;
    *image_id = ids->ids[low].image_id;
    return true;
}
