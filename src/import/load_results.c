/* A results file into the leaf of a run: see load.h. */
#include <inttypes.h>

#include "coco/results.h"
#include "import/class_counts.h"
#include "import/load.h"
#include "import/own_ids.h"
#include "store/catalog.h"
#include "store/names.h"
#include "store/tuple.h"

/* What the rows of one file are held against, and counted by. */
struct results {
    const char *leaf;
    bool wide;       /* the leaf has all columns, not only those of boxes */
    uint64_t copied; /* rows of copies that have ended: to widen the leaf, or to ask for names */
    const char *dataset_id;
    struct catalog catalog;
    struct names images; /* loaded when a row gives a name instead of an id */
    struct names categories;
    struct own_ids own_images; /* of a file that brings its own, with match=name */
    struct own_ids own_categories;
    struct class_counts classes;
    struct results_row row;
    struct buf extra; /* of the present row */
    struct buf scratch;
};

static bool has_category(struct catalog *catalog, int64_t id) {
    return idset_has(&catalog->categories, id);
}

static bool is_category(struct load *load, struct catalog *catalog, const struct annotation *row,
                        struct skip *skip) {
    if (has_category(catalog, row->category_id)) return true;
    load->off_by_one[0] += has_category(catalog, (int64_t)row->category_id - 1);
    load->off_by_one[1] += has_category(catalog, (int64_t)row->category_id + 1);
    return skip_row(skip, SKIP_UNKNOWN_CATEGORY, "no category %" PRId32, row->category_id);
}

/* Whether the row's image and category are the dataset's. */
static bool is_known(struct load *load, struct catalog *catalog, const struct annotation *row,
                     struct skip *skip) {
    return is_category(load, catalog, row, skip) &&
           (idset_has(&catalog->images, row->image_id) ||
            skip_row(skip, SKIP_UNKNOWN_IMAGE, "no image %" PRId64, row->image_id));
}

/* As the client has said that the file counts otherwise. */
static bool shift_category(const struct load *load, struct annotation *row, struct skip *skip) {
    return !__builtin_add_overflow(row->category_id, load->category_offset, &row->category_id) ||
           skip_row(skip, SKIP_OUT_OF_RANGE, "category_id does not fit 32 bits");
}

/* The connection is the copy's own as long as it is open. */
static bool pause_copy(struct load *load, struct results *results, struct err *err) {
    uint64_t copied;
    if (!copy_finish(&load->copy, &copied, err)) return false;
    results->copied += copied;
    return true;
}

static bool resume_copy(struct load *load, struct results *results, struct err *err) {
    return copy_open(&load->copy, results->leaf,
                     results->wide ? tuple_detection_columns : tuple_box_columns, true, err);
}

/* For the first row that is more than a box. */
static bool widen(struct load *load, struct results *results, struct err *err) {
    const char *params[] = {results->leaf};
    results->wide = true;
    return pause_copy(load, results, err) &&
           db_execute(load->db, "select coco.widen_leaf($1)", 1, params, err) &&
           resume_copy(load, results, err);
}

typedef bool load_names(struct names *names, struct db *db, const char *dataset_id,
                        struct err *err);

/* For the first row that gives a name. */
static bool need_names(struct load *load, struct results *results, struct names *names,
                       load_names *load_all, struct err *err) {
    return names->loaded ||
           (pause_copy(load, results, err) && load_all(names, load->db, results->dataset_id, err) &&
            resume_copy(load, results, err));
}

static bool is_one(const struct names *names, struct slice name, const char *what,
                   enum skip_reason reason, int64_t *id, struct skip *skip) {
    enum names_found found = names_find(names, name, id);
    if (found == NAMES_ONE) return true;
    return skip_row(skip, reason,
                    found == NAMES_NONE ? "no %s of this name" : "more than one %s of this name",
                    what);
}

/* Puts the ids of what the row names into it. *known: they are there; false when the names cannot be had. */
static bool resolve_names(struct load *load, struct results *results, struct annotation *row,
                          bool *known, struct skip *skip, struct err *err) {
    struct results_row *from = &results->row;
    int64_t id;
    *known = true;
    if (from->category.data) {
        if (!need_names(load, results, &results->categories, names_load_categories, err))
            return false;
        *known = is_one(&results->categories, from->category, "category", SKIP_UNKNOWN_CATEGORY,
                        &id, skip);
        row->category_id = (int32_t)id;
    }
    if (*known && from->image.data) {
        if (!need_names(load, results, &results->images, names_load_images, err)) return false;
        *known = is_one(&results->images, from->image, "image", SKIP_UNKNOWN_IMAGE, &row->image_id,
                        skip);
    }
    return true;
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

static bool replace(const struct own_ids *ids, int64_t *id, const char *what,
                    enum skip_reason reason, struct skip *skip) {
    if (!ids->complete) return true; /* the file brings none */
    return own_ids_replace(ids, id) ||
           skip_row(skip, reason, "no %s is called like the file's own %" PRId64, what, *id);
}

/* Own ids of the file, where they count, become the dataset's. */
static bool replace_own_ids(const struct results *results, struct annotation *row,
                            struct skip *skip) {
    int64_t category = row->category_id;
    if ((!results->row.category.data &&
         !replace(&results->own_categories, &category, "category", SKIP_UNKNOWN_CATEGORY, skip)) ||
        (!results->row.image.data &&
         !replace(&results->own_images, &row->image_id, "image", SKIP_UNKNOWN_IMAGE, skip))) {
        return false;
    }
    row->category_id = (int32_t)category;
    return true;
}

/* *taken: whether the row can be; false when the load has failed. */
static bool read_row(struct load *load, struct results *results, const struct json_value *element,
                     struct annotation *row, bool *taken, struct skip *skip, struct err *err) {
    struct catalog *catalog = &results->catalog;
    *taken = results_read_ids(&results->row, element, row, skip) &&
             (results->row.category.data || shift_category(load, row, skip)) &&
             replace_own_ids(results, row, skip);
    if (*taken && !resolve_names(load, results, row, taken, skip, err)) return false;
    *taken = *taken && is_known(load, catalog, row, skip) &&
             results_read_shape(&results->row, &catalog->pictures[catalog->images.last], row, skip);
    return true;
}

static bool load_row(struct load *load, struct results *results, const struct json_value *element,
                     struct err *err) {
    struct annotation row;
    struct skip skip;
    bool taken;
    uint64_t index = load->document.index;
    load->offered++;
    if (!read_row(load, results, element, &row, &taken, &skip, err)) return false;
    if (results->extra.failed || results->scratch.failed)
        return err_set(err, ERR_BUSY, "out of memory for an element");
    if (!taken) {
        skips_add(&load->skips, &skip, index, element->offset);
        return true;
    }
    /* The position in the file is the id, as pycocotools' loadRes numbers them; skipped rows leave
     * gaps. */
    row.annotation_id = (int64_t)index + 1;
    if (!put_row(load, results, &row, err)) return false;
    class_counts_add(&results->classes, results->catalog.categories.last, row.confidence);
    load->taken++;
    return true;
}

/* The elements of the array, or the lines, that was entered. */
static bool load_elements(struct load *load, struct results *results, struct err *err) {
    bool more = true;
    while (more && !copy_failed(&load->copy)) {
        struct json_value element;
        if (!document_next_element(&load->document, &element, &more, err)) return false;
        if (more && !load_row(load, results, &element, err)) return false;
    }
    return true;
}

/* ---- a file of more than rows ------------------------------------------------------------- */

enum {
    OWN_IMAGES_BATCH =
        256 * 1024 /* bytes of images, as they came, that the database is asked about */
};

/* Whether the images that the file brings are those that the dataset has under their ids: if not, its rows
 * would land on wrong pictures. */
static bool check_own_images(struct load *load, struct results *results, struct buf *images,
                             struct err *err) {
    const char *params[] = {results->dataset_id, buf_text(images)};
    struct buf contradiction;
    buf_init(&contradiction, 4096);
    bool good = pause_copy(load, results, err) &&
                db_document(load->db, "select coco.contradicting_image($1, $2)", 2, params,
                            &contradiction, err) &&
                resume_copy(load, results, err);
    if (good && contradiction.len > 0) {
        good = err_set(err, ERR_WRONG_SHAPE, "the file's own images are not the dataset's: %s",
                       buf_text(&contradiction));
    }
    buf_free(&contradiction);
    buf_reset(images);
    return good;
}

static bool read_own_images(struct load *load, struct results *results, struct buf *images,
                            struct err *err) {
    bool more;
    if (!document_enter_array(&load->document, err)) return false;
    for (;;) {
        struct json_value element;
        if (!document_next_element(&load->document, &element, &more, err)) return false;
        if (!more) break;
        struct slice text = json_raw(&element, 0);
        if (element.nodes[0].type != JSON_OBJECT || element.non_finite ||
            text.len > OWN_IMAGES_BATCH) {
            continue; /* it contradicts nothing */
        }
        buf_put_char(images, images->len ? ',' : '[');
        buf_put(images, text.data, text.len);
        if (images->len < OWN_IMAGES_BATCH) continue;
        buf_put_char(images, ']');
        if (!check_own_images(load, results, images, err)) return false;
    }
    if (images->len == 0) return true;
    buf_put_char(images, ']');
    return check_own_images(load, results, images, err);
}

/* One image or category that the file brings: its own id, and the dataset's of the same name. What has no
 * counterpart, or several, is left to the rows that mean it. */
static bool match_own(struct results *results, const struct json_value *element, bool image,
                      struct err *err) {
    enum {
        ID,
        NAME,
        FIELD_COUNT
    };
    static const struct field_name of_image[] = {[ID] = FIELD("id"), [NAME] = FIELD("file_name")};
    static const struct field_name of_category[] = {[ID] = FIELD("id"), [NAME] = FIELD("name")};
    struct catalog *catalog = &results->catalog;
    struct fields fields;
    struct skip nothing;
    int64_t own;
    int64_t id;
    buf_reset(&results->extra);
    buf_reset(&results->scratch);
    if (!fields_read(&fields, element, image ? of_image : of_category, FIELD_COUNT, &results->extra,
                     &nothing) ||
        !fields_id64(&fields, ID, &own, &nothing) ||
        !fields_text(&fields, NAME, &results->scratch, &nothing)) {
        return true;
    }
    struct slice name = {buf_text(&results->scratch), results->scratch.len};
    if (names_find(image ? &results->images : &results->categories, name, &id) != NAMES_ONE) {
        return true;
    }
    return own_ids_add(image ? &results->own_images : &results->own_categories, own, id,
                       image ? catalog->images.count : catalog->categories.count, err);
}

static bool match_all_own(struct load *load, struct results *results, bool image, bool rows_seen,
                          struct err *err) {
    struct document *document = &load->document;
    struct own_ids *own = image ? &results->own_images : &results->own_categories;
    bool more = true;
    if (rows_seen) {
        return err_set_at(err, ERR_WRONG_SHAPE, document->window.cursor,
                          "with match=name, %s must come before annotations in the file",
                          image ? "images" : "categories");
    }
    if (!need_names(load, results, image ? &results->images : &results->categories,
                    image ? names_load_images : names_load_categories, err) ||
        !document_enter_array(document, err)) {
        return false;
    }
    while (more) {
        struct json_value element;
        if (!document_next_element(document, &element, &more, err)) return false;
        if (more && !match_own(results, &element, image, err)) return false;
    }
    return own_ids_complete(own, err);
}

/* Any other member: read, and not kept. */
static bool pass_member(struct document *document, struct err *err) {
    struct json_value value;
    enum json_type type;
    bool more = true;
    if (!document_peek(document, &type, err)) return false;
    if (type != JSON_ARRAY) return document_value(document, &value, err);
    if (!document_enter_array(document, err)) return false;
    while (more) {
        if (!document_next_element(document, &value, &more, err)) return false;
    }
    return true;
}

static bool load_member(struct load *load, struct results *results, const struct json_value *key,
                        bool *seen, struct err *err) {
    struct document *document = &load->document;
    enum json_type type;
    bool rows = json_equals(key, 0, "annotations");
    bool images = json_equals(key, 0, "images");
    bool categories = json_equals(key, 0, "categories");
    if (!document_peek(document, &type, err)) return false;
    if (rows && *seen) {
        return err_set_at(err, ERR_WRONG_SHAPE, document->window.cursor,
                          "annotations comes a second time");
    }
    if (rows) {
        *seen = true;
        return document_enter_array(document, err) && load_elements(load, results, err);
    }
    if (load->match_name && (images || categories) && type == JSON_ARRAY) {
        return match_all_own(load, results, images, *seen, err);
    }
    if (!images || type != JSON_ARRAY) return pass_member(document, err);
    struct buf own;
    buf_init(&own, 3 * OWN_IMAGES_BATCH);
    bool good = read_own_images(load, results, &own, err);
    buf_free(&own);
    return good;
}

/* {"annotations": [rows], …} */
static bool load_wrapped(struct load *load, struct results *results, struct err *err) {
    bool seen = false;
    if (!document_enter_object(&load->document, err)) return false;
    while (!copy_failed(&load->copy)) {
        struct json_value key;
        bool more;
        if (!document_next_key(&load->document, &key, &more, err)) return false;
        if (!more) break;
        if (!load_member(load, results, &key, &seen, err)) return false;
    }
    if (seen || copy_failed(&load->copy)) return true;
    return err_set(
        err, ERR_WRONG_SHAPE,
        "neither an array of rows, nor an object with annotations, nor a row on each line");
}

static bool has_member(const struct json_value *object, const char *name) {
    for (uint32_t key = 1; key < object->nodes[0].next; key = object->nodes[key + 1].next) {
        if (json_equals(object, key, name)) return true;
    }
    return false;
}

/* An object alone is a file that wraps its rows, or the first of rows that stand on lines. */
static bool load_objects(struct load *load, struct results *results, struct err *err) {
    struct json_value first;
    bool whole;
    if (!document_peek_object(&load->document, &first, &whole, err)) return false;
    if (!whole || has_member(&first, "annotations")) return load_wrapped(load, results, err);
    document_enter_lines(&load->document);
    return load_elements(load, results, err);
}

static bool load_rows(struct load *load, struct results *results, struct err *err) {
    enum json_type type;
    if (!document_peek(&load->document, &type, err)) return false;
    bool good = type == JSON_OBJECT ? load_objects(load, results, err)
                                    : document_enter_array(&load->document, err) &&
                                          load_elements(load, results, err);
    if (!good) return false;
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
    struct results results = {.leaf = leaf, .dataset_id = dataset_id};
    buf_init(&results.extra, load->max_element + 2);
    buf_init(&results.scratch, load->max_element);
    results.row.extra = &results.extra;
    results.row.scratch = &results.scratch;
    results.row.match_name = load->match_name;
    bool good = catalog_load(&results.catalog, load->db, dataset_id, err) &&
                class_counts_init(&results.classes, &results.catalog.categories, err) &&
                copy_open(&load->copy, leaf, tuple_box_columns, true, err) &&
                load_rows(load, &results, err) && finish_copy(load, &results, err) &&
                load_check_taken(load, "rows", err) && write_classes(load, &results, err);
    buf_free(&results.extra);
    buf_free(&results.scratch);
    class_counts_free(&results.classes);
    names_free(&results.images);
    names_free(&results.categories);
    own_ids_free(&results.own_images);
    own_ids_free(&results.own_categories);
    catalog_free(&results.catalog);
    return good;
}
