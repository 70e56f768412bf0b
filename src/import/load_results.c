/* Loads a results file into the leaf of a run: see load.h. */
#include <inttypes.h>

#include "import/load.h"
#include "import/run_rows.h"
#include "json/writer.h"

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

enum {
    OWN_IMAGES_BATCH = 256 * 1024, /* bytes of JSON in one question to the database */
    OWN_NAME_MAX = 32 * 1024       /* longer names are not compared */
};

/* Checks that the dataset has the images of the file under the same ids. Otherwise the rows would
 * be matched to wrong images. */
static bool check_own_images(struct run_rows *rows, struct buf *images, struct err *err) {
    buf_put_char(images, ']');
    if (images->failed) return err_set(err, ERR_BUSY, "out of memory for the file's images");
    const char *params[] = {rows->dataset_id, buf_text(images)};
    struct buf contradiction;
    buf_init(&contradiction, 4096);
    bool good = run_rows_pause(rows, err) &&
                db_document(rows->load->db, "select coco.contradicting_image($1, $2)", 2, params,
                            &contradiction, err) &&
                run_rows_resume(rows, err);
    if (good && contradiction.len > 0) {
        good = err_set(
            err, ERR_WRONG_SHAPE,
            "the images in the file are not those of the dataset: %s; match=name matches by name",
            buf_text(&contradiction));
    }
    buf_free(&contradiction);
    buf_reset(images);
    return good;
}

static bool read_own_images(struct run_rows *rows, struct buf *images, struct err *err) {
    struct document *document = &rows->load->document;
    bool more;
    if (!document_enter_array(document, err)) return false;
    for (;;) {
        struct json_value element;
        struct slice name;
        int64_t own;
        bool usable;
        if (!document_next_element(document, &element, &more, err)) return false;
        if (!more) break;
        if (!read_own(rows, &element, true, &own, &name, &usable, err)) return false;
        if (!usable || name.len > OWN_NAME_MAX) continue;
        buf_printf(images, "%c{\"id\": %" PRId64 ", \"file_name\": ", images->len ? ',' : '[', own);
        json_write_string(images, name.data, name.len);
        buf_put_char(images, '}');
        if (images->len < OWN_IMAGES_BATCH && !images->failed) continue;
        if (!check_own_images(rows, images, err)) return false;
    }
    return images->len == 0 || check_own_images(rows, images, err);
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

static bool match_all_own(struct run_rows *rows, bool image, struct err *err) {
    struct document *document = &rows->load->document;
    struct own_ids *own = image ? &rows->own_images : &rows->own_categories;
    bool more = true;
    if (own->complete) return comes_again(document, image ? "images" : "categories", err);
    if (!run_rows_need_names(rows, image, err) || !document_enter_array(document, err)) {
        return false;
    }
    while (more) {
        struct json_value element;
        if (!document_next_element(document, &element, &more, err)) return false;
        if (more && !match_own(rows, &element, image, err)) return false;
    }
    return own_ids_complete(own, err);
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
};

static bool load_member(struct run_rows *rows, const struct json_value *key, struct seen *seen,
                        struct err *err) {
    struct document *document = &rows->load->document;
    enum json_type type;
    bool is_rows = json_equals(key, 0, "annotations");
    bool images = json_equals(key, 0, "images");
    bool categories = json_equals(key, 0, "categories");
    if (!document_peek(document, &type, err)) return false;
    if (is_rows) {
        if (seen->rows) return comes_again(document, "annotations", err);
        seen->rows = true;
        return (!rows->load->match_name || run_rows_wait_for_own(rows, err)) &&
               document_enter_array(document, err) && load_elements(rows, err);
    }
    if (rows->load->match_name && (images || categories) && type == JSON_ARRAY) {
        return match_all_own(rows, images, err);
    }
    if (!images || type != JSON_ARRAY) return pass_member(document, err);
    if (seen->images) return comes_again(document, "images", err);
    seen->images = true;
    struct buf own;
    buf_init(&own, 2 * OWN_IMAGES_BATCH);
    bool good = read_own_images(rows, &own, err);
    buf_free(&own);
    return good;
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
