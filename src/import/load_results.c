/* A results file into the leaf of a run: see load.h. */
#include <inttypes.h>

#include "coco/results.h"
#include "import/class_counts.h"
#include "import/load.h"
#include "store/catalog.h"
#include "store/tuple.h"

/* What the rows of one file are held against, and counted by. */
struct results {
    struct catalog catalog;
    struct class_counts classes;
    struct buf extra; /* of the present row */
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

static bool load_row(struct load *load, struct results *results, const struct json_value *element,
                     struct err *err) {
    struct annotation row;
    struct skip skip;
    uint64_t index = load->document.index;
    load->offered++;
    if (!results_read_row(element, &row, &results->extra, &skip) ||
        !is_known(&results->catalog, &row, &skip)) {
        skips_add(&load->skips, &skip, index, element->offset);
        return true;
    }
    if (results->extra.failed) return err_set(err, ERR_BUSY, "out of memory for an element");
    /* The position in the file is the id, as pycocotools' loadRes numbers them; skipped rows leave
     * gaps. */
    row.annotation_id = (int64_t)index + 1;
    tuple_put_annotation(&load->copy, &row);
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

static bool check_copied(const struct load *load, uint64_t copied, struct err *err) {
    if (copied == load->taken) return true;
    return err_set(err, ERR_INTERNAL, "%" PRIu64 " rows were sent, %" PRIu64 " arrived",
                   load->taken, copied);
}

static bool write_classes(struct load *load, const struct results *results, struct err *err) {
    class_counts_write(&results->classes, &results->catalog.categories, &load->classes);
    return !load->classes.failed || err_set(err, ERR_BUSY, "too many classes to count");
}

bool load_results(struct load *load, const char *leaf, const char *dataset_id, struct err *err) {
    struct results results = {0};
    uint64_t copied = 0;
    buf_init(&results.extra, load->max_element + 2);
    bool good = catalog_load(&results.catalog, load->db, dataset_id, err) &&
                class_counts_init(&results.classes, &results.catalog.categories, err) &&
                copy_open(&load->copy, leaf, tuple_annotation_columns, true, err) &&
                load_rows(load, &results, err) && copy_finish(&load->copy, &copied, err) &&
                check_copied(load, copied, err) && load_check_taken(load, "rows", err) &&
                write_classes(load, &results, err);
    buf_free(&results.extra);
    class_counts_free(&results.classes);
    catalog_free(&results.catalog);
    return good;
}
