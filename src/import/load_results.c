/* A results file into the leaf of a run: see load.h. */
#include <inttypes.h>

#include "coco/results.h"
#include "import/load.h"
#include "store/catalog.h"
#include "store/tuple.h"

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

static void load_row(struct load *load, struct catalog *catalog, const struct json_value *element,
                     struct buf *extra) {
    struct annotation row;
    struct skip skip;
    uint64_t index = load->document.index;
    load->offered++;
    if (!results_read_row(element, &row, extra, &skip) || !is_known(catalog, &row, &skip)) {
        skips_add(&load->skips, &skip, index, element->offset);
        return;
    }
    /* The position in the file is the id, as pycocotools' loadRes numbers them; skipped rows leave
     * gaps. */
    row.annotation_id = (int64_t)index + 1;
    tuple_put_annotation(&load->copy, &row);
    load->taken++;
}

static bool load_rows(struct load *load, struct catalog *catalog, struct buf *extra,
                      struct err *err) {
    bool more = true;
    if (!document_enter_array(&load->document, err)) return false;
    while (more && !load->copy.failed) {
        struct json_value element;
        if (!document_next_element(&load->document, &element, &more, err)) return false;
        if (more) load_row(load, catalog, &element, extra);
    }
    return load->copy.failed || document_finish(&load->document, err);
}

bool load_results(struct load *load, const char *leaf, const char *dataset_id, struct err *err) {
    struct catalog catalog;
    struct buf extra;
    uint64_t copied = 0;
    buf_init(&extra, load->max_element + 2);
    bool good = catalog_load(&catalog, load->db, dataset_id, err) &&
                copy_open(&load->copy, leaf, tuple_annotation_columns, true, err) &&
                load_rows(load, &catalog, &extra, err) && copy_finish(&load->copy, &copied, err);
    if (good && copied != load->taken) {
        good = err_set(err, ERR_INTERNAL, "%" PRIu64 " rows were sent, %" PRIu64 " arrived",
                       load->taken, copied);
    }
    buf_free(&extra);
    catalog_free(&catalog);
    return good && load_check_taken(load, "rows", err);
}
