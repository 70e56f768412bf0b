/* A results file into the leaf of a run: see load.h. */
#include <string.h>

#include "import/load.h"
#include "import/run_rows.h"

/* The elements of the array, or the lines, that was entered. */
static bool load_elements(struct run_rows *rows, struct err *err) {
    bool more = true;
    while (more && !copy_failed(&rows->load->copy)) {
        struct json_value element;
        if (!document_next_element(&rows->load->document, &element, &more, err)) return false;
        if (more && !run_rows_add(rows, &element, err)) return false;
    }
    return true;
}

/* ---- a file of more than rows ------------------------------------------------------------- */

enum {
    OWN_IMAGES_BATCH = 256 * 1024 /* bytes of images, as they came, to ask the database about */
};

/* Whether the images that the file brings are those that the dataset has under their ids: if not, its rows
 * would land on wrong pictures. */
static bool check_own_images(struct run_rows *rows, struct buf *images, struct err *err) {
    const char *params[] = {rows->dataset_id, buf_text(images)};
    struct buf contradiction;
    buf_init(&contradiction, 4096);
    bool good = run_rows_pause(rows, err) &&
                db_document(rows->load->db, "select coco.contradicting_image($1, $2)", 2, params,
                            &contradiction, err) &&
                run_rows_resume(rows, err);
    if (good && contradiction.len > 0) {
        good = err_set(err, ERR_WRONG_SHAPE,
                       "the file's own images are not the dataset's: %s; match=name goes by names",
                       buf_text(&contradiction));
    }
    buf_free(&contradiction);
    buf_reset(images);
    return good;
}

/* PostgreSQL refuses some escapes when it is asked for the text of a json. */
static bool may_be_asked_about(const struct json_value *element, struct slice text) {
    return element->nodes[0].type == JSON_OBJECT && !element->non_finite &&
           text.len <= OWN_IMAGES_BATCH && !memmem(text.data, text.len, "\\u", 2);
}

static bool read_own_images(struct run_rows *rows, struct buf *images, struct err *err) {
    bool more;
    if (!document_enter_array(&rows->load->document, err)) return false;
    for (;;) {
        struct json_value element;
        if (!document_next_element(&rows->load->document, &element, &more, err)) return false;
        if (!more) break;
        struct slice text = json_raw(&element, 0);
        if (!may_be_asked_about(&element, text)) continue; /* it contradicts nothing */
        buf_put_char(images, images->len ? ',' : '[');
        buf_put(images, text.data, text.len);
        if (images->len < OWN_IMAGES_BATCH) continue;
        buf_put_char(images, ']');
        if (!check_own_images(rows, images, err)) return false;
    }
    if (images->len == 0) return true;
    buf_put_char(images, ']');
    return check_own_images(rows, images, err);
}

/* One image or category that the file brings: its own id, and the dataset's of the same name. What has no
 * counterpart, or several, is left to the rows that mean it. */
static bool match_own(struct run_rows *rows, const struct json_value *element, bool image,
                      struct err *err) {
    enum {
        ID,
        NAME,
        FIELD_COUNT
    };
    static const struct field_name of_image[] = {[ID] = FIELD("id"), [NAME] = FIELD("file_name")};
    static const struct field_name of_category[] = {[ID] = FIELD("id"), [NAME] = FIELD("name")};
    struct catalog *catalog = &rows->catalog;
    struct fields fields;
    struct skip nothing;
    int64_t own;
    int64_t id;
    buf_reset(&rows->extra);
    buf_reset(&rows->scratch);
    if (!fields_read(&fields, element, image ? of_image : of_category, FIELD_COUNT, &rows->extra,
                     &nothing) ||
        !fields_id64(&fields, ID, &own, &nothing) ||
        !fields_text(&fields, NAME, &rows->scratch, &nothing)) {
        return true;
    }
    struct slice name = {buf_text(&rows->scratch), rows->scratch.len};
    if (names_find(image ? &rows->images : &rows->categories, name, &id) != NAMES_ONE) {
        return true;
    }
    return own_ids_add(image ? &rows->own_images : &rows->own_categories, own, id,
                       image ? catalog->images.count : catalog->categories.count, err);
}

static bool match_all_own(struct run_rows *rows, bool image, struct err *err) {
    struct document *document = &rows->load->document;
    struct own_ids *own = image ? &rows->own_images : &rows->own_categories;
    bool more = true;
    if (own->complete) {
        return err_set_at(err, ERR_WRONG_SHAPE, document->window.cursor, "%s comes a second time",
                          image ? "images" : "categories");
    }
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

static bool load_member(struct run_rows *rows, const struct json_value *key, bool *seen,
                        struct err *err) {
    struct document *document = &rows->load->document;
    enum json_type type;
    bool is_rows = json_equals(key, 0, "annotations");
    bool images = json_equals(key, 0, "images");
    bool categories = json_equals(key, 0, "categories");
    if (!document_peek(document, &type, err)) return false;
    if (is_rows && *seen) {
        return err_set_at(err, ERR_WRONG_SHAPE, document->window.cursor,
                          "annotations comes a second time");
    }
    if (is_rows) {
        *seen = true;
        return (!rows->load->match_name || run_rows_wait_for_own(rows, err)) &&
               document_enter_array(document, err) && load_elements(rows, err);
    }
    if (rows->load->match_name && (images || categories) && type == JSON_ARRAY) {
        return match_all_own(rows, images, err);
    }
    if (!images || type != JSON_ARRAY) return pass_member(document, err);
    struct buf own;
    buf_init(&own, 3 * OWN_IMAGES_BATCH);
    bool good = read_own_images(rows, &own, err);
    buf_free(&own);
    return good;
}

/* {"annotations": [rows], …} */
static bool load_wrapped(struct run_rows *rows, struct err *err) {
    bool seen = false;
    if (!document_enter_object(&rows->load->document, err)) return false;
    while (!copy_failed(&rows->load->copy)) {
        struct json_value key;
        bool more;
        if (!document_next_key(&rows->load->document, &key, &more, err)) return false;
        if (!more) break;
        if (!load_member(rows, &key, &seen, err)) return false;
    }
    if (seen || copy_failed(&rows->load->copy)) return true;
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
static bool load_objects(struct run_rows *rows, struct err *err) {
    struct json_value first;
    bool whole;
    if (!document_peek_object(&rows->load->document, &first, &whole, err)) return false;
    if (!whole || has_member(&first, "annotations")) return load_wrapped(rows, err);
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
