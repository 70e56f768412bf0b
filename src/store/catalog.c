/* Loads image ids and category ids of a dataset: see catalog.h. */
#include "store/catalog.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/libpq.h"

enum {
    DENSE_SPAN = 64 * 1024
};

/* Makes room for more ids, and for their sizes if `by_image` is not NULL. */
static bool reserve(struct idset *set, struct catalog_image **by_image, size_t more,
                    struct err *err) {
    size_t need = set->count + more;
    if (need <= set->cap) return true;
    int64_t *ids = realloc(set->ids, need * sizeof *ids);
    if (ids) set->ids = ids;
    struct catalog_image *grown = ids && by_image ? realloc(*by_image, need * sizeof *grown) : NULL;
    if (grown) *by_image = grown;
    if (!ids || (by_image && !grown)) {
        return err_set(err, ERR_BUSY, "out of memory for %zu ids", need);
    }
    set->cap = need;
    return true;
}

/* Binary values are big-endian. */
static uint64_t value64(const PGresult *result, int row) {
    uint64_t value;
    memcpy(&value, PQgetvalue(result, row, 0), sizeof value);
    return be64toh(value);
}

static int32_t value32(const PGresult *result, int row, int column) {
    uint32_t value;
    if (PQgetisnull(result, row, column)) return 0;
    memcpy(&value, PQgetvalue(result, row, column), sizeof value);
    return (int32_t)be32toh(value);
}

/* Loads one page of ids after the last one in the set. *more is false if the page is empty. */
static bool load_page(struct idset *set, struct catalog_image **by_image, struct db *db,
                      const char *sql, const char *dataset_id, bool *more, struct err *err) {
    char after[24] = "";
    if (set->count > 0) snprintf(after, sizeof after, "%lld", (long long)set->ids[set->count - 1]);
    const char *params[] = {dataset_id, set->count > 0 ? after : NULL};
    PGresult *result = PQexecParams(db->conn, sql, 2, NULL, params, NULL, NULL, 1);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!good) db_error(db, result, err);
    int rows = good ? PQntuples(result) : 0;
    *more = rows > 0;
    good = good && reserve(set, by_image, (size_t)rows, err);
    for (int i = 0; good && i < rows; i++) {
        if (by_image) {
            (*by_image)[set->count] =
                (struct catalog_image){.picture = {value32(result, i, 1), value32(result, i, 2)}};
        }
        set->ids[set->count++] = (int64_t)value64(result, i);
    }
    PQclear(result);
    return good;
}

static bool load_set(struct idset *set, struct catalog_image **by_image, struct db *db,
                     const char *sql, const char *dataset_id, struct err *err) {
    bool more = true;
    while (more) {
        if (!load_page(set, by_image, db, sql, dataset_id, &more, err)) return false;
    }
    return true;
}

/* Indexes categories by number, because rows refer to them in any order. Without memory for the
 * index, idset_has searches. */
static void index_set(struct idset *set) {
    if (set->count == 0) return;
    uint64_t span = (uint64_t)set->ids[set->count - 1] - (uint64_t)set->ids[0];
    set->dense = span < DENSE_SPAN ? calloc(span + 1, sizeof *set->dense) : NULL;
    for (size_t i = 0; set->dense && i < set->count; i++) {
        set->dense[(uint64_t)set->ids[i] - (uint64_t)set->ids[0]] = (uint32_t)i + 1;
    }
}

bool catalog_load(struct catalog *catalog, struct db *db, const char *dataset_id, struct err *err) {
    memset(catalog, 0, sizeof *catalog);
    bool good =
        load_set(&catalog->images, &catalog->by_image, db,
                 "select image_id, width, height from coco.image_page($1, $2)", dataset_id, err) &&
        load_set(&catalog->categories, NULL, db, "select * from coco.category_ids($1, $2)",
                 dataset_id, err);
    if (good) index_set(&catalog->categories);
    return good;
}

void catalog_free(struct catalog *catalog) {
    free(catalog->images.ids);
    free(catalog->by_image);
    free(catalog->categories.ids);
    free(catalog->categories.dense);
    memset(catalog, 0, sizeof *catalog);
}

static bool has_dense(struct idset *set, int64_t id) {
    uint64_t place = (uint64_t)id - (uint64_t)set->ids[0];
    uint64_t span = (uint64_t)set->ids[set->count - 1] - (uint64_t)set->ids[0];
    if (place > span || set->dense[place] == 0) return false;
    set->last = set->dense[place] - 1;
    return true;
}

bool idset_has(struct idset *set, int64_t id) {
    if (set->dense) return has_dense(set, id);
    if (set->last < set->count && set->ids[set->last] == id) return true;
    /* A binary search without branches, because ids come in any order. */
    size_t low = 0;
    for (size_t left = set->count; left > 1;) {
        size_t half = left / 2;
        low += (set->ids[low + half - 1] < id) * half;
        left -= half;
    }
    if (low < set->count && set->ids[low] < id) low++;
    set->last = low;
    return low < set->count && set->ids[low] == id;
}
