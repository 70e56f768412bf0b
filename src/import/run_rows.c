/* Checks, copies and counts the rows of a run: see run_rows.h. */
#include "import/run_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "coco/rle.h"
#include "import/match_late.h"
#include "store/tuple.h"

static bool has_category(struct catalog *catalog, int64_t id) {
    return idset_has(&catalog->categories, id);
}

static bool refuse_category(const struct idset *known, int32_t id, struct skip *skip) {
    if (known->count == 0) {
        return skip_row(skip, SKIP_UNKNOWN_CATEGORY,
                        "category %" PRId32 " is not in the dataset (it has no categories)", id);
    }
    if (known->count == 1) {
        return skip_row(skip, SKIP_UNKNOWN_CATEGORY,
                        "category %" PRId32 " is not in the dataset (1 category: %" PRId64 ")", id,
                        known->ids[0]);
    }
    return skip_row(skip, SKIP_UNKNOWN_CATEGORY,
                    "category %" PRId32 " is not in the dataset (%zu categories: %" PRId64
                    "..%" PRId64 ")",
                    id, known->count, known->ids[0], known->ids[known->count - 1]);
}

static bool is_category(struct load *load, struct catalog *catalog, const struct annotation *row,
                        struct skip *skip) {
    if (has_category(catalog, row->category_id)) return true;
    load->off_by_one[0] += has_category(catalog, (int64_t)row->category_id - 1);
    load->off_by_one[1] += has_category(catalog, (int64_t)row->category_id + 1);
    return refuse_category(&catalog->categories, row->category_id, skip);
}

/* True if image and category are in the dataset. Own ids of the file are checked later. */
static bool is_known(struct run_rows *rows, const struct annotation *row, struct skip *skip) {
    struct catalog *catalog = &rows->catalog;
    return (rows->own_category || is_category(rows->load, catalog, row, skip)) &&
           (rows->own_image || idset_has(&catalog->images, row->image_id) ||
            skip_row(skip, SKIP_UNKNOWN_IMAGE, "image %" PRId64 " is not in the dataset",
                     row->image_id));
}

/* Returns the image of a row for which is_known was just true. */
static const struct picture *picture_of(const struct run_rows *rows) {
    static const struct picture unknown = {0, 0};
    return rows->own_image ? &unknown : &rows->catalog.pictures[rows->catalog.images.last];
}

/* Adds category_offset to the row's category_id. */
static bool shift_category(const struct load *load, struct annotation *row, struct skip *skip) {
    return !__builtin_add_overflow(row->category_id, load->category_offset, &row->category_id) ||
           skip_row(skip, SKIP_OUT_OF_RANGE,
                    "category_id plus category_offset does not fit 32 bits");
}

static bool is_late(const struct run_rows *rows) {
    return rows->late_images || rows->late_categories;
}

bool run_rows_pause(struct run_rows *rows, struct err *err) {
    return copy_finish(&rows->load->copy, err);
}

bool run_rows_resume(struct run_rows *rows, struct err *err) {
    const char *columns = is_late(rows) ? tuple_late_columns
                          : rows->wide  ? tuple_detection_columns
                                        : tuple_box_columns;
    return copy_open(&rows->load->copy, rows->leaf, columns, true, err);
}

/* Widens the leaf for the first row that is more than a box. */
static bool widen(struct run_rows *rows, struct err *err) {
    const char *params[] = {rows->leaf};
    rows->wide = true;
    return run_rows_pause(rows, err) &&
           db_execute(rows->load->db, "select coco.widen_leaf($1)", 1, params, err) &&
           run_rows_resume(rows, err);
}

bool run_rows_wait_for_own(struct run_rows *rows, struct err *err) {
    const char *params[] = {rows->leaf};
    if (rows->own_images.complete && rows->own_categories.complete) return true;
    if (!run_rows_pause(rows, err)) return false;
    rows->late_images = !rows->own_images.complete;
    rows->late_categories = !rows->own_categories.complete;
    return db_execute(rows->load->db, "select coco.widen_leaf_for_own_ids($1)", 1, params, err) &&
           run_rows_resume(rows, err);
}

static bool load_names(struct run_rows *rows, bool images, struct err *err) {
    return images ? names_load_images(&rows->images, rows->load->db, rows->dataset_id, err)
                  : names_load_categories(&rows->categories, rows->load->db, rows->dataset_id, err);
}

bool run_rows_need_names(struct run_rows *rows, bool images, struct err *err) {
    return (images ? rows->images.loaded : rows->categories.loaded) ||
           (run_rows_pause(rows, err) && load_names(rows, images, err) &&
            run_rows_resume(rows, err));
}

static bool is_one(const struct names *names, struct slice name, const char *what,
                   enum skip_reason reason, int64_t *id, struct skip *skip) {
    enum names_found found = names_find(names, name, id);
    if (found == NAMES_ONE) return true;
    return skip_row(skip, reason,
                    found == NAMES_NONE ? "the dataset has no %s of this name"
                                        : "the dataset has more than one %s of this name",
                    what);
}

/* Looks for the image whose id in the ground truth is the text that the row has as its image_id.
 * Returns false if these ids cannot be loaded. */
static bool find_text_id(struct run_rows *rows, struct annotation *row, bool *found,
                         struct err *err) {
    struct text_ids *ids = &rows->text_ids;
    *found = false;
    if (!rows->row.image_is_id || !ids->exist) return true;
    if (!ids->loaded &&
        !(run_rows_pause(rows, err) && text_ids_load(ids, rows->load->db, rows->dataset_id, err) &&
          run_rows_resume(rows, err))) {
        return false;
    }
    *found = text_ids_find(ids, rows->row.image, &row->image_id);
    return true;
}

/* Replaces the name of a row's image by its id. */
static bool resolve_image(struct run_rows *rows, struct annotation *row, bool *known,
                          struct skip *skip, struct err *err) {
    if (!find_text_id(rows, row, known, err)) return false;
    if (*known) return true;
    if (!run_rows_need_names(rows, true, err)) return false;
    *known =
        is_one(&rows->images, rows->row.image, "image", SKIP_UNKNOWN_IMAGE, &row->image_id, skip);
    return true;
}

/* Replaces the names in a row by ids. *known tells whether the dataset has them. Returns false if
 * the names cannot be loaded. */
static bool resolve_names(struct run_rows *rows, struct annotation *row, bool *known,
                          struct skip *skip, struct err *err) {
    struct results_row *from = &rows->row;
    int64_t id = 0;
    *known = true;
    if (from->category.data) {
        if (!run_rows_need_names(rows, false, err)) return false;
        *known =
            is_one(&rows->categories, from->category, "category", SKIP_UNKNOWN_CATEGORY, &id, skip);
        row->category_id = (int32_t)id;
    }
    return !*known || !from->image.data || resolve_image(rows, row, known, skip, err);
}

static bool put_row(struct run_rows *rows, const struct annotation *row, struct err *err) {
    if (is_late(rows)) {
        tuple_put_late(&rows->load->copy, row, rows->own_image, rows->own_category);
        return true;
    }
    bool box = !row->segmentation.data && !row->keypoints.data && !row->extra.data;
    if (!box && !rows->wide && !widen(rows, err)) return false;
    if (rows->wide) {
        tuple_put_detection(&rows->load->copy, row);
    } else {
        tuple_put_box(&rows->load->copy, row);
    }
    return true;
}

static bool replace(const struct own_ids *ids, int64_t *id, const char *what,
                    enum skip_reason reason, struct skip *skip) {
    return own_ids_replace(ids, id) ||
           skip_row(skip, reason,
                    "the file's own %s %" PRId64 " matches no %s of the dataset by name", what, *id,
                    what);
}

/* Replaces a category id of the file's own by the dataset's; adds category_offset to others. */
static bool replace_own_category(struct run_rows *rows, struct annotation *row, struct skip *skip) {
    int64_t category = row->category_id;
    rows->own_category = rows->late_categories && !rows->row.category.data;
    if (rows->own_category || rows->row.category.data) return true;
    if (!rows->own_categories.complete) return shift_category(rows->load, row, skip);
    if (!replace(&rows->own_categories, &category, "category", SKIP_UNKNOWN_CATEGORY, skip)) {
        return false;
    }
    row->category_id = (int32_t)category;
    return true;
}

static bool replace_own_image(struct run_rows *rows, struct annotation *row, struct skip *skip) {
    rows->own_image = rows->late_images && !rows->row.image.data;
    return rows->own_image || rows->row.image.data || !rows->own_images.complete ||
           replace(&rows->own_images, &row->image_id, "image", SKIP_UNKNOWN_IMAGE, skip);
}

/* An image whose id is a text has a number in the database only. A row that gives this number means
 * something else. */
static bool is_number_of_file(const struct run_rows *rows, const struct annotation *row,
                              struct skip *skip) {
    bool own = rows->late_images || rows->own_images.complete;
    return !rows->text_ids.exist || own || rows->row.image.data ||
           row->image_id < rows->text_ids.first ||
           skip_row(skip, SKIP_UNKNOWN_IMAGE,
                    "image %" PRId64 " is not in the dataset, whose image ids are texts",
                    row->image_id);
}

/* Reads a row. *taken tells whether it can be imported; if not, *skip is filled. Returns false if
 * the load has failed. */
static bool read_row(struct run_rows *rows, const struct json_value *element,
                     struct annotation *row, bool *taken, struct skip *skip, struct err *err) {
    *taken = results_read_ids(&rows->row, element, row, skip) &&
             is_number_of_file(rows, row, skip) && replace_own_category(rows, row, skip) &&
             replace_own_image(rows, row, skip);
    if (*taken && !resolve_names(rows, row, taken, skip, err)) return false;
    *taken = *taken && is_known(rows, row, skip) &&
             results_read_shape(&rows->row, picture_of(rows), row, skip);
    return true;
}

/* Makes a file name printable: other characters become '?', a long name is cut. */
static void show_name(const char *name, char *into, size_t room) {
    size_t len = 0;
    for (; name[len] && len + 1 < room; len++) {
        into[len] = name[len];
        if (name[len] < 0x20 || name[len] > 0x7e) into[len] = '?';
    }
    into[len] = '\0';
    if (name[len] && room > 3) memcpy(into + room - 4, "...", 4);
}

/* Counts a row, or a whole file, of a directory as skipped. */
static void account(struct run_rows *rows, const struct skip *skip, const struct row_place *place) {
    struct skips *skips = &rows->load->skips;
    struct skip_example example = {.has_place = !place->is_file};
    char name[52];
    example.index = place->index;
    example.offset = place->offset;
    show_name(place->file, name, sizeof name);
    snprintf(example.detail, sizeof example.detail, "%s: %.100s", name, skip->detail);
    skips_count(skips, skip->reason, 1);
    skips_example(skips, skip->reason, &example);
}

void run_rows_skip(struct run_rows *rows, const struct skip *skip, const struct row_place *place) {
    rows->load->offered++;
    account(rows, skip, place);
}

/* Boxes may end outside of their image, but not by half its width or height. */
static bool is_far_out(const struct bbox *bbox, const struct picture *picture) {
    return picture->width > 0 && picture->height > 0 &&
           (bbox->x + bbox->w > 1.5 * picture->width || bbox->y + bbox->h > 1.5 * picture->height);
}

/* The id is the position in the file, as in pycocotools' loadRes. Skipped rows leave gaps. */
static bool take_row(struct run_rows *rows, struct annotation *row, const struct row_place *place,
                     struct err *err) {
    row->annotation_id = (int64_t)place->index + 1;
    if (!put_row(rows, row, err)) return false;
    rows->load->far_out += is_far_out(&row->bbox, picture_of(rows));
    if (!is_late(rows)) {
        class_counts_add(&rows->classes, rows->catalog.categories.last, row->confidence);
    }
    rows->load->taken++;
    return true;
}

bool run_rows_add_detection(struct run_rows *rows, const struct detection_row *row,
                            const struct row_place *place, struct err *err) {
    struct annotation annotation = row->annotation;
    struct skip skip;
    bool taken;
    rows->row.image = row->image;
    rows->row.category = row->category;
    rows->load->offered++;
    if (!resolve_names(rows, &annotation, &taken, &skip, err)) return false;
    if (taken && is_known(rows, &annotation, &skip) &&
        detection_scale(&annotation, picture_of(rows), &skip)) {
        return take_row(rows, &annotation, place, err);
    }
    account(rows, &skip, place);
    return true;
}

bool run_rows_add(struct run_rows *rows, const struct json_value *element, struct err *err) {
    struct load *load = rows->load;
    struct row_place place = {.index = load->document.index, .offset = element->offset};
    struct annotation row;
    struct skip skip;
    bool taken;
    load->offered++;
    if (!read_row(rows, element, &row, &taken, &skip, err)) return false;
    if (rows->extra.failed || rows->scratch.failed || rows->crossings.failed)
        return err_set(err, ERR_BUSY, "out of memory for an element");
    if (taken) return take_row(rows, &row, &place, err);
    load_skip(load, &skip, element);
    return true;
}

static bool write_classes(struct load *load, const struct run_rows *rows, struct err *err) {
    class_counts_write(&rows->classes, &rows->catalog.categories, &load->classes);
    return !load->classes.failed || err_set(err, ERR_BUSY, "too many classes to count");
}

bool run_rows_end(struct run_rows *rows, struct err *err) {
    struct load *load = rows->load;
    if (!copy_finish(&load->copy, err)) return false;
    if (load->copy.rows == load->taken) {
        return is_late(rows)
                   ? match_late(load, rows->leaf, rows->dataset_id, &rows->own_images,
                                &rows->own_categories, err)
                   : load_check_taken(load, "rows", err) && write_classes(load, rows, err);
    }
    return err_set(err, ERR_INTERNAL, "%" PRIu64 " rows were sent, but PostgreSQL counted %" PRIu64,
                   load->taken, load->copy.rows);
}

bool run_rows_open(struct run_rows *rows, struct load *load, const char *leaf,
                   const char *dataset_id, struct err *err) {
    *rows = (struct run_rows){.load = load, .leaf = leaf, .dataset_id = dataset_id};
    buf_init(&rows->extra, load->max_element + 2);
    buf_init(&rows->scratch, load->max_element);
    crossings_init(&rows->crossings, load->work);
    rows->row.extra = &rows->extra;
    rows->row.scratch = &rows->scratch;
    rows->row.crossings = &rows->crossings;
    rows->row.match_name = load->match_name;
    return catalog_load(&rows->catalog, load->db, dataset_id, err) &&
           text_ids_open(&rows->text_ids, load->db, dataset_id, err) &&
           class_counts_init(&rows->classes, &rows->catalog.categories, err) &&
           run_rows_resume(rows, err);
}

void run_rows_close(struct run_rows *rows) {
    buf_free(&rows->extra);
    buf_free(&rows->scratch);
    crossings_free(&rows->crossings);
    class_counts_free(&rows->classes);
    text_ids_free(&rows->text_ids);
    names_free(&rows->images);
    names_free(&rows->categories);
    own_ids_free(&rows->own_images);
    own_ids_free(&rows->own_categories);
    catalog_free(&rows->catalog);
}
