/* A results file into the leaf of a run: see load.h. */
#include <inttypes.h>

#include "coco/results.h"
#include "import/class_counts.h"
#include "import/load.h"
#include "store/catalog.h"
#include "store/tuple.h"

/* What the rows of one file are held against, and counted by. */
struct results {
    const char *leaf;
    bool wide;       /* the leaf has all columns, not only those of boxes */
    uint64_t copied; /* rows that the database took before the leaf was widened */
    struct catalog catalog;
    struct class_counts classes;
    struct results_row row;
    struct buf extra; /* of the present row */
    struct buf scratch;
};

/* Whether the row's image and category are the dataset's. */
static bool is_known(struct catalog *catalog, const struct annotation *row, struct skip *skip) {
    if (!idset_has(&catalog->categories, row->category_id)) {
        return skip_row(skip, SKIP_UNKNOWN_CATEGORY, "no category %" PRId32, row->category_id);
    }
    if (!idset_has(&catalog->images, row->image_id)) {
        return skip_row(skip, SKIP_UNKNOWN_IMAGE, "no image %" PRId64, row->image_id);
    }
    return true;
}

/* For the first row that is more than a box: ends the copy of boxes and begins one of all columns. */
static bool widen(struct load *load, struct results *results, struct err *err) {
    const char *params[] = {results->leaf};
    results->wide = true;
    return copy_finish(&load->copy, &results->copied, err) &&
           db_execute(load->db, "select coco.widen_leaf($1)", 1, params, err) &&
           copy_open(&load->copy, results->leaf, tuple_detection_columns, true, err);
}

static bool put_row(struct load *load, struct results *results, const struct annotation *row,
                    struct err *err) {
    bool box = !row->segmentation.data && !row->keypoints.data && !row->extra.data;
    if (!box && !results->wide && !widen(load, results, err)) return false;
    if (results->wide) {
        tuple_put_detection(&load->copy, row);
    } else {
        tuple_put_box(&load->copy, row);
    }
    return true;
}

static bool read_row(struct results *results, const struct json_value *element,
                     struct annotation *row, struct skip *skip) {
    struct catalog *catalog = &results->catalog;
    return results_read_ids(&results->row, element, row, skip) && is_known(catalog, row, skip) &&
           results_read_shape(&results->row, &catalog->pictures[catalog->images.last], row, skip);
}

static bool load_row(struct load *load, struct results *results, const struct json_value *element,
                     struct err *err) {
    struct annotation row;
    struct skip skip;
    uint64_t index = load->document.index;
    load->offered++;
    if (!read_row(results, element, &row, &skip)) {
        skips_add(&load->skips, &skip, index, element->offset);
        return true;
    }
    if (results->extra.failed || results->scratch.failed)
        return err_set(err, ERR_BUSY, "out of memory for an element");
    /* The position in the file is the id, as pycocotools' loadRes numbers them; skipped rows leave
     * gaps. */
    row.annotation_id = (int64_t)index + 1;
    if (!put_row(load, results, &row, err)) return false;
    class_counts_add(&results->classes, results->catalog.categories.last, row.confidence);
    load->taken++;
    return true;
}

static bool load_rows(struct load *load, struct results *results, struct err *err) {
    bool more = true;
    if (!document_enter_array(&load->document, err)) return false;
    while (more && !copy_failed(&load->copy)) {
        struct json_value element;
        if (!document_next_element(&load->document, &element, &more, err)) return false;
        if (more && !load_row(load, results, &element, err)) return false;
    }
    return copy_failed(&load->copy) || document_finish(&load->document, err);
}

static bool finish_copy(struct load *load, const struct results *results, struct err *err) {
    uint64_t copied;
    if (!copy_finish(&load->copy, &copied, err)) return false;
    copied += results->copied;
    if (copied == load->taken) return true;
    return err_set(err, ERR_INTERNAL, "%" PRIu64 " rows were sent, %" PRIu64 " arrived",
                   load->taken, copied);
}

static bool write_classes(struct load *load, const struct results *results, struct err *err) {
    class_counts_write(&results->classes, &results->catalog.categories, &load->classes);
    return !load->classes.failed || err_set(err, ERR_BUSY, "too many classes to count");
}

bool load_results(struct load *load, const char *leaf, const char *dataset_id, struct err *err) {
    struct results results = {.leaf = leaf};
    buf_init(&results.extra, load->max_element + 2);
    buf_init(&results.scratch, load->max_element);
    results.row.extra = &results.extra;
    results.row.scratch = &results.scratch;
    bool good = catalog_load(&results.catalog, load->db, dataset_id, err) &&
                class_counts_init(&results.classes, &results.catalog.categories, err) &&
                copy_open(&load->copy, leaf, tuple_box_columns, true, err) &&
                load_rows(load, &results, err) && finish_copy(load, &results, err) &&
                load_check_taken(load, "rows", err) && write_classes(load, &results, err);
    buf_free(&results.extra);
    buf_free(&results.scratch);
    class_counts_free(&results.classes);
    catalog_free(&results.catalog);
    return good;
}
