/* Loads a results file into the leaf of a run: see load.h. */
#include "import/load.h"
#include "import/run_rows.h"

/* Loads the elements of the array, or the lines, that the document has entered. */
static bool load_elements(struct run_rows *rows, struct err *err) {
    bool more = true;
    while (more && !copy_failed(&rows->load->copy)) {
        struct json_value element;
        if (!document_next_element(&rows->load->document, &element, &more, err)) return false;
        if (more && !run_rows_add(rows, &element, err)) return false;
    }
    return true;
}

/* ---- a file with images and categories ---------------------------------------------------- */

/* Reads id and name of an image or a category in the file. *usable tells whether it has both. The
 * name is valid until the next call. */
static bool read_own(struct run_rows *rows, const struct json_value *element, bool image,
                     int64_t *own, struct slice *name, bool *usable, struct err *err) {
    enum {
        ID,
        NAME,
        FIELD_COUNT
    };
    static const struct field_name of_image[] = {[ID] = FIELD("id"), [NAME] = FIELD("file_name")};
    static const struct field_name of_category[] = {[ID] = FIELD("id"), [NAME] = FIELD("name")};
    struct fields fields;
    struct skip ignored;
    buf_reset(&rows->extra);
    buf_reset(&rows->scratch);
    *usable = fields_read(&fields, element, image ? of_image : of_category, FIELD_COUNT,
                          &rows->extra, &ignored) &&
              fields_id64(&fields, ID, own, &ignored) &&
              fields_text(&fields, NAME, &rows->scratch, &ignored);
    *name = buf_slice(&rows->scratch);
    return !rows->scratch.failed || err_set(err, ERR_BUSY, "out of memory for a name");
}

static bool comes_again(const struct document *document, const char *what, struct err *err) {
    return document_refuse(document, document->window.cursor, err,
                           "%s appears a second time; keep one", what);
}

/* Reads one image or category of the file. */
typedef bool read_one_own(struct run_rows *rows, const struct json_value *element, bool image,
                          struct err *err);

/* Checks that the dataset has the same image or category under this id. Otherwise the rows would be
 * matched to wrong ones. */
static bool check_own(struct run_rows *rows, const struct json_value *element, bool image,
                      struct err *err) {
    struct slice name;
    int64_t own;
    bool usable;
    if (!read_own(rows, element, image, &own, &name, &usable, err)) return false;
    /* A category id that overflows is none of the dataset's. */
    return !usable || (!image && __builtin_add_overflow(own, rows->load->category_offset, &own)) ||
           run_rows_check_name(rows, image, own, name, element->offset, err);
}

/* Matches one image or category of the file by name. If the dataset has none of this name, or
 * several, the rows that refer to it are skipped later. */
static bool match_own(struct run_rows *rows, const struct json_value *element, bool image,
                      struct err *err) {
    struct catalog *catalog = &rows->catalog;
    struct slice name;
    int64_t own;
    int64_t id;
    bool usable;
    if (!read_own(rows, element, image, &own, &name, &usable, err)) return false;
    if (!usable || names_find(image ? &rows->images : &rows->categories, name, &id) != NAMES_ONE) {
        return true;
    }
    return own_ids_add(image ? &rows->own_images : &rows->own_categories, own, id,
                       image ? catalog->images.count : catalog->categories.count, err);
}

/* Reads the array of the file's own images or categories. */
static bool read_all_own(struct run_rows *rows, bool image, read_one_own *read_one,
                         struct err *err) {
    struct document *document = &rows->load->document;
    bool more = true;
    if (!document_enter_array(document, err)) return false;
    while (more) {
        struct json_value element;
        if (!document_next_element(document, &element, &more, err)) return false;
        if (more && !read_one(rows, &element, image, err)) return false;
    }
    return true;
}

static bool match_all_own(struct run_rows *rows, bool image, struct err *err) {
    return run_rows_need_names(rows, image, err) && read_all_own(rows, image, match_own, err) &&
           own_ids_complete(image ? &rows->own_images : &rows->own_categories, err);
}

/* Reads any other member and drops it. */
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

/* The members of a wrapped file that have been read. */
struct seen {
    bool rows;
    bool images;
    bool categories;
};

/* Reads the images (or categories) that the file brings. */
static bool load_own(struct run_rows *rows, bool image, bool *seen, struct err *err) {
    struct document *document = &rows->load->document;
    enum json_type type;
    if (!document_peek(document, &type, err)) return false;
    if (type != JSON_ARRAY || rows->load->match_id) return pass_member(document, err);
    if (*seen) return comes_again(document, image ? "images" : "categories", err);
    *seen = true;
    return rows->load->match_name ? match_all_own(rows, image, err)
                                  : read_all_own(rows, image, check_own, err);
}

static bool load_member(struct run_rows *rows, const struct json_value *key, struct seen *seen,
                        struct err *err) {
    struct document *document = &rows->load->document;
    if (json_equals(key, 0, "images")) return load_own(rows, true, &seen->images, err);
    if (json_equals(key, 0, "categories")) return load_own(rows, false, &seen->categories, err);
    if (!json_equals(key, 0, "annotations")) return pass_member(document, err);
    if (seen->rows) return comes_again(document, "annotations", err);
    seen->rows = true;
    return (!rows->load->match_name || run_rows_wait_for_own(rows, err)) &&
           document_enter_array(document, err) && load_elements(rows, err);
}

/* Loads {"annotations": [rows], …}. */
static bool load_wrapped(struct run_rows *rows, struct err *err) {
    struct seen seen = {0};
    if (!document_enter_object(&rows->load->document, err)) return false;
    while (!copy_failed(&rows->load->copy)) {
        struct json_value key;
        bool more;
        if (!document_next_key(&rows->load->document, &key, &more, err)) return false;
        if (!more) break;
        if (!load_member(rows, &key, &seen, err)) return false;
    }
    if (seen.rows || copy_failed(&rows->load->copy)) return true;
    return err_set(
        err, ERR_WRONG_SHAPE,
        "expected an array of rows, an object with \"annotations\", or one row on each line");
}

/* An outermost object either wraps the rows, or is the first row of JSON Lines. */
static bool load_objects(struct run_rows *rows, struct err *err) {
    struct json_value first;
    bool whole;
    if (!document_peek_object(&rows->load->document, &first, &whole, err)) return false;
    if (!whole || json_member(&first, 0, "annotations")) return load_wrapped(rows, err);
    document_enter_lines(&rows->load->document);
    return load_elements(rows, err);
}

static bool load_rows(struct run_rows *rows, struct err *err) {
    enum json_type type;
    if (!document_peek(&rows->load->document, &type, err)) return false;
    bool good = type == JSON_OBJECT
                    ? load_objects(rows, err)
                    : document_enter_array(&rows->load->document, err) && load_elements(rows, err);
    if (!good) return false;
    return copy_failed(&rows->load->copy) || document_finish(&rows->load->document, err);
}

bool load_results(struct load *load, const char *leaf, const char *dataset_id, struct err *err) {
    struct run_rows rows;
    bool good = run_rows_open(&rows, load, leaf, dataset_id, err) && load_rows(&rows, err) &&
                run_rows_end(&rows, err);
    run_rows_close(&rows);
    return good;
}
