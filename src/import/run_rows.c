/* Checks, copies and counts the rows of a run: see run_rows.h. */
#include "import/run_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "import/image_counts.h"
#include "import/match_late.h"
#include "import/row_ids.h"
#include "store/rows.h"
#include "store/tuple.h"

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

/* Reads a row. *taken tells whether it can be imported; if not, *skip is filled. Returns false if
 * the load has failed. */
static bool read_row(struct run_rows *rows, const struct json_value *element,
                     struct annotation *row, bool *taken, struct skip *skip, struct err *err) {
    if (!row_ids_read(rows, element, row, taken, skip, err)) return false;
    if (!*taken) return true;
    bool known = row_ids_are_known(rows, row, skip);
    *taken = known && results_read_shape(&rows->row, row_ids_picture(rows), row, skip);
    /* What a row says beside unknown ids matters, too: they are unknown because they are others. */
    return (known && !*taken) || row_ids_check(rows, element, row, taken, skip, err);
}

/* Counts a row, or a whole file, of a directory as skipped. */
static void account(struct run_rows *rows, const struct skip *skip, const struct row_place *place) {
    struct skips *skips = &rows->load->skips;
    struct skip_example example = {.has_place = !place->is_file};
    char name[52]; /* leaves room for what is wrong */
    example.index = place->index;
    example.offset = place->offset;
    shown_in((struct slice){place->file, strlen(place->file)}, name, sizeof name);
    /* A name that is cut could be cut inside of a character; the longest detail with one fits. */
    snprintf(example.detail, sizeof example.detail, "%s: %.140s", name, skip->detail);
    skips_count(skips, skip->reason, 1);
    skips_example(skips, skip->reason, &example);
}

void run_rows_skip(struct run_rows *rows, const struct skip *skip, const struct row_place *place) {
    rows->load->offered++;
    account(rows, skip, place);
}

/* The id is the position in the file, as in pycocotools' loadRes. Skipped rows leave gaps. */
static bool take_row(struct run_rows *rows, struct annotation *row, const struct row_place *place,
                     struct err *err) {
    row->annotation_id = (int64_t)place->index + 1;
    if (!put_row(rows, row, err)) return false;
    if (!is_late(rows)) {
        if (!row->bbox_derived)
            hints_count_box(&rows->load->hints, &row->bbox, row_ids_picture(rows));
        class_counts_add(&rows->classes, rows->catalog.categories.last, row->confidence, row->area);
        image_counts_add(&rows->catalog.by_image[rows->catalog.images.last]);
    }
    rows->load->taken++;
    return true;
}

bool run_rows_add_detection(struct run_rows *rows, const struct detection_row *row,
                            const struct row_place *place, struct err *err) {
    struct annotation annotation = row->annotation;
    struct skip skip;
    bool taken;
    rows->row.names_image = true;
    rows->row.image = row->image;
    rows->row.category = row->category;
    rows->load->offered++;
    if (!row_ids_resolve_names(rows, &annotation, &taken, &skip, err)) return false;
    if (taken && row_ids_are_known(rows, &annotation, &skip) &&
        detection_scale(&annotation, row_ids_picture(rows), &skip)) {
        return take_row(rows, &annotation, place, err);
    }
    account(rows, &skip, place);
    return true;
}

bool run_rows_take(struct run_rows *rows, const struct json_value *element, bool *taken,
                   struct skip *skip, struct err *err) {
    struct load *load = rows->load;
    struct row_place place = {.index = load->offered, .offset = element->offset};
    struct annotation row;
    if (!read_row(rows, element, &row, taken, skip, err)) return false;
    if (rows->extra.failed || rows->scratch.failed || rows->crossings.failed)
        return err_set(err, ERR_BUSY, "out of memory for an element");
    if (!*taken) return true;
    load->offered++;
    return take_row(rows, &row, &place, err);
}

void run_rows_refuse(struct run_rows *rows, const struct json_value *element,
                     const struct skip *skip) {
    load_skip(rows->load, skip, element, rows->load->offered++);
}

bool run_rows_add(struct run_rows *rows, const struct json_value *element, struct err *err) {
    struct skip skip;
    bool taken;
    if (!run_rows_take(rows, element, &taken, &skip, err)) return false;
    if (!taken) run_rows_refuse(rows, element, &skip);
    return true;
}

static bool write_counts(struct load *load, struct run_rows *rows, struct err *err) {
    struct buf *into = &load->counts;
    buf_put_char(into, '{');
    class_counts_write(&rows->classes, &rows->catalog.categories, into);
    buf_put_char(into, ',');
    image_counts_write(rows->catalog.by_image, rows->catalog.images.count, into);
    buf_put_char(into, '}');
    return !into->failed || err_set(err, ERR_BUSY, "too many classes to count");
}

static bool end_late(struct run_rows *rows, struct err *err) {
    bool numbers;
    return row_ids_match_numbers(rows, &numbers, err) &&
           match_late(rows->load, rows->leaf, rows->dataset_id, &rows->own_images,
                      &rows->own_categories, numbers, err);
}

/* True if rows were taken whose category would be unknown with this added. */
static bool loses_known(struct run_rows *rows, int64_t offset) {
    struct idset *categories = &rows->catalog.categories;
    for (size_t i = 0; i < categories->count; i++) {
        if (!idset_has(categories, categories->ids[i] + offset) &&
            class_counts_has(&rows->classes, i)) {
            return true;
        }
    }
    return false;
}

static void judge_categories(struct run_rows *rows) {
    struct hints *hints = &rows->load->hints;
    for (int i = 0; i < 2; i++) {
        hints->loses_known[i] = hints->off_by_one[i] > 0 && loses_known(rows, i == 0 ? -1 : 1);
    }
}

/* Finds out whether unknown ids are numbers in file names, for the hint. */
static bool judge_unknown_images(struct run_rows *rows, struct err *err) {
    char numbers[UNKNOWN_IMAGES * 24 + 3];
    size_t len = 0;
    struct rows answer;
    if (rows->unknown_count == 0) return true;
    for (unsigned i = 0; i < rows->unknown_count; i++) {
        len += (size_t)snprintf(numbers + len, sizeof numbers - len, "%c%" PRId64, i ? ',' : '{',
                                rows->unknown_images[i]);
    }
    snprintf(numbers + len, sizeof numbers - len, "}");
    const char *params[] = {rows->dataset_id, numbers};
    bool good =
        rows_query(&answer, rows->load->db, "select coco.are_file_numbers($1, $2)", 2, params, err);
    rows->load->hints.unknown_are_numbers = rows_bool(&answer, 0, 0);
    rows_free(&answer);
    return good;
}

bool run_rows_end(struct run_rows *rows, struct err *err) {
    struct load *load = rows->load;
    if (!copy_finish(&load->copy, err)) return false;
    if (load->copy.rows != load->taken) {
        return err_set(err, ERR_INTERNAL,
                       "%" PRIu64 " rows were sent, but PostgreSQL counted %" PRIu64, load->taken,
                       load->copy.rows);
    }
    if (is_late(rows)) return end_late(rows, err);
    judge_categories(rows);
    return judge_unknown_images(rows, err) && load_check_taken(load, "rows", err) &&
           write_counts(load, rows, err);
}

bool run_rows_open(struct run_rows *rows, struct load *load, const char *leaf,
                   const char *dataset_id, struct err *err) {
    *rows = (struct run_rows){.load = load, .leaf = leaf, .dataset_id = dataset_id};
    buf_init(&rows->extra, load->limits.max_element + 2);
    buf_init(&rows->scratch, load->limits.max_element);
    crossings_init(&rows->crossings, load->work);
    rows->row.extra = &rows->extra;
    rows->row.scratch = &rows->scratch;
    rows->row.crossings = &rows->crossings;
    rows->row.match_name = load->match_name;
    rows->row.check_names = !load->match_name && !load->match_id;
    text_ids_init(&rows->own_texts, NAMES_BYTES_MAX);
    names_init_images(&rows->images);
    names_init_categories(&rows->categories);
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
    text_ids_free(&rows->own_texts);
    names_free(&rows->images);
    names_free(&rows->categories);
    own_ids_free(&rows->own_images);
    own_ids_free(&rows->own_categories);
    catalog_free(&rows->catalog);
}
