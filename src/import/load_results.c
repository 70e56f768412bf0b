/* Loads a results file into the leaf of a run: see load.h. */
#include "coco/members.h"
#include "import/elements.h"
#include "import/load.h"
#include "import/made_object.h"
#include "import/own_names.h"
#include "import/row_ids.h"
#include "import/row_lists.h"
#include "import/run_rows.h"

/* What has been found so far in a file, and where its rows lie. */
struct reading {
    struct run_rows *rows;
    struct elements elements;
    struct members members;   /* of the outermost object */
    struct made_object image; /* the image of all rows, if that object names one */
    struct made_object key;   /* its member that is being read, as the name of an image */
    struct made_object empty; /* the first of its members with an empty array */
    const char *list;         /* the member that held the rows, such as "annotations" */
    const char *no_list;      /* a member of such a name that is no array */
    bool by_key;              /* the members are called after images and hold their rows */
    bool empty_known;         /* one of those is called after an image of the dataset */
    bool passed;              /* an array before them held something else */
    bool own_images;          /* the file brings images (categories) */
    bool own_categories;
};

/* ---- members that are not rows ------------------------------------------------------------ */

/* Reads the rest of an array, or any other member, and drops it. */
static bool pass_elements(struct document *document, struct err *err) {
    struct json_value value;
    bool more = true;
    while (more) {
        if (!document_next_element(document, &value, &more, err)) return false;
    }
    return true;
}

static bool pass_member(struct document *document, struct err *err) {
    struct json_value value;
    enum json_type type;
    if (!document_peek(document, &type, err)) return false;
    return type == JSON_ARRAY ? document_enter_array(document, err) && pass_elements(document, err)
                              : document_value(document, &value, err);
}

/* Reads the images (or categories) that the file brings. */
static bool load_own(struct reading *reading, enum named named, struct err *err) {
    struct run_rows *rows = reading->rows;
    struct document *document = &rows->load->document;
    bool image = named == NAMED_IMAGE;
    bool *seen = image ? &reading->own_images : &reading->own_categories;
    if (rows->load->match_id) return pass_member(document, err);
    if (*seen) return document_refuse_repeated(document, image ? "images" : "categories", err);
    *seen = true;
    return own_names_load(rows, named, err);
}

/* ---- an object around the rows ----------------------------------------------------------- */

/* Refuses an outermost object in which rows were not found, or in two ways. */
static bool refuse_object(const struct reading *reading, struct err *err) {
    if (reading->no_list) {
        return err_set(err, ERR_WRONG_SHAPE, "expected an array of rows in \"%s\"",
                       reading->no_list);
    }
    return err_set(err, ERR_WRONG_SHAPE,
                   "expected an array of rows, one row on each line, or an object with rows in "
                   "annotations, predictions, results or detections, or under the name of each "
                   "image; the object has %s",
                   members_text(&reading->members));
}

static bool wait_for_own(struct run_rows *rows, struct err *err) {
    return !rows->load->match_name || run_rows_wait_for_own(rows, err);
}

/* Loads the member that holds the rows of the file. */
static bool load_list(struct reading *reading, const char *name, struct err *err) {
    struct run_rows *rows = reading->rows;
    struct document *document = &rows->load->document;
    if (reading->by_key) return refuse_object(reading, err);
    if (reading->list == name) return document_refuse_repeated(document, name, err);
    if (reading->list) return elements_refuse_two_lists(document, reading->list, name, err);
    reading->list = name;
    return wait_for_own(rows, err) && row_ids_enter(rows, &reading->image.object, err) &&
           document_enter_array(document, err) && elements_load(&reading->elements, err);
}

/* Takes the key of the member as the name of an image. */
static bool name_image(struct reading *reading, const struct json_value *key, struct err *err) {
    made_object_reset(&reading->key);
    return made_object_add(&reading->key, "image_id", key) ||
           err_set(err, ERR_BUSY, "out of memory for a key");
}

/* Tells whether a name is that of an image. */
static bool is_image(struct run_rows *rows, const struct made_object *name, bool *is,
                     struct err *err) {
    const struct image_around before = rows->around;
    if (!row_ids_enter(rows, &name->object, err)) return false;
    *is = rows->around.known &&
          (rows->around.own || idset_has(&rows->catalog.images, rows->around.id));
    row_ids_leave(rows, &before);
    return true;
}

/* Looks whether a member without rows is called after an image: if all members are like this, it
 * tells whether these are images. The first name is kept, because the file's own images may come
 * after it. */
static bool judge_empty(struct reading *reading, struct err *err) {
    const struct made_object *key = &reading->key;
    struct json_value name = {.text = key->object.text, .nodes = &key->nodes[2], .count = 1};
    if (made_object_is_empty(&reading->empty) &&
        !made_object_add(&reading->empty, "image_id", &name)) {
        return err_set(err, ERR_BUSY, "out of memory for a key");
    }
    return reading->by_key || reading->passed || reading->empty_known ||
           is_image(reading->rows, key, &reading->empty_known, err);
}

/* Passes an array that comes behind the rows of the file. If it holds those of an image, they
 * would be lost. */
static bool pass_behind_list(struct reading *reading, const struct json_value *first,
                             struct err *err) {
    bool image = false;
    if (row_lists_is_row(first) && !is_image(reading->rows, &reading->key, &image, err)) {
        return false;
    }
    return image ? refuse_object(reading, err) : pass_elements(&reading->rows->load->document, err);
}

/* Loads the rows of an image from the member that is called after it, if they are that. */
static bool load_by_key(struct reading *reading, struct err *err) {
    struct run_rows *rows = reading->rows;
    struct document *document = &rows->load->document;
    struct json_value first;
    bool more;
    if (!document_enter_array(document, err) ||
        !document_next_element(document, &first, &more, err)) {
        return false;
    }
    if (reading->list) return !more || pass_behind_list(reading, &first, err);
    if (!more) return judge_empty(reading, err);
    if (!reading->by_key && !row_lists_is_row(&first)) {
        reading->passed = true;
        return pass_elements(document, err);
    }
    if (reading->passed) return refuse_object(reading, err);
    if (!reading->by_key && !wait_for_own(rows, err)) return false;
    reading->by_key = true;
    return row_ids_enter(rows, &reading->key.object, err) &&
           elements_add(&reading->elements, &first, err) && elements_load(&reading->elements, err);
}

/* Reads a member that names the image of all rows, if it comes before them. */
static bool read_image(struct reading *reading, const char *name, struct err *err) {
    struct json_value value;
    return document_value(&reading->rows->load->document, &value, err) &&
           (made_object_add(&reading->image, name, &value) ||
            err_set(err, ERR_BUSY, "out of memory for %s", name));
}

static bool load_member(struct reading *reading, const struct json_value *key, struct err *err) {
    struct document *document = &reading->rows->load->document;
    const char *list = row_lists_name(key, 0);
    bool images = json_equals(key, 0, "images");
    bool own = images || json_equals(key, 0, "categories");
    bool licenses = json_equals(key, 0, "licenses");
    bool image_id = json_equals(key, 0, "image_id");
    bool file_name = json_equals(key, 0, "file_name");
    enum json_type type;
    members_add(&reading->members, key, 0);
    if (!name_image(reading, key, err) || !document_peek(document, &type, err)) return false;
    if (type != JSON_ARRAY) {
        if (list) reading->no_list = list;
        return image_id || file_name ? read_image(reading, image_id ? "image_id" : "file_name", err)
                                     : pass_member(document, err);
    }
    if (list) return load_list(reading, list, err);
    if (own) return load_own(reading, images ? NAMED_IMAGE : NAMED_CATEGORY, err);
    return licenses ? pass_member(document, err) : load_by_key(reading, err);
}

/* True if the object held rows, or could have: an image that has none. */
static bool found_rows(struct reading *reading, bool *found, struct err *err) {
    struct run_rows *rows = reading->rows;
    *found = reading->list || reading->by_key || copy_failed(&rows->load->copy);
    if (*found || reading->passed || made_object_is_empty(&reading->empty)) return true;
    *found = reading->empty_known;
    return *found || is_image(rows, &reading->empty, found, err);
}

/* Loads {"annotations": [rows], …} or {"one.jpg": [rows], …}. */
static bool load_whole(struct reading *reading, struct err *err) {
    struct load *load = reading->rows->load;
    bool found;
    if (!document_enter_object(&load->document, err)) return false;
    while (!copy_failed(&load->copy)) {
        struct json_value key;
        bool more;
        if (!document_next_key(&load->document, &key, &more, err)) return false;
        if (!more) break;
        if (!load_member(reading, &key, err)) return false;
    }
    return found_rows(reading, &found, err) && (found || refuse_object(reading, err));
}

static bool load_lines(struct reading *reading, struct err *err) {
    const struct image_around none = {.named = false};
    row_ids_leave(reading->rows, &none);
    document_enter_lines(&reading->rows->load->document);
    return elements_load(&reading->elements, err);
}

/* An outermost object holds the rows, or is the first of JSON Lines. One that is too large to tell
 * and turns out to be an image with its rows may be a line, too. */
static bool load_objects(struct reading *reading, struct err *err) {
    struct json_value first;
    bool whole;
    bool more;
    if (!document_peek_object(&reading->rows->load->document, &first, &whole, &more, err)) {
        return false;
    }
    bool line = whole && row_lists_outermost(&first, more) == OUTERMOST_LINE;
    if (line) return load_lines(reading, err);
    if (!load_whole(reading, err)) return false;
    return made_object_is_empty(&reading->image) || load_lines(reading, err);
}

static bool load_rows(struct reading *reading, struct err *err) {
    struct load *load = reading->rows->load;
    enum json_type type;
    if (!document_peek(&load->document, &type, err)) return false;
    bool good = type == JSON_OBJECT ? load_objects(reading, err)
                                    : document_enter_array(&load->document, err) &&
                                          elements_load(&reading->elements, err);
    if (!good) return false;
    return copy_failed(&load->copy) || document_finish(&load->document, err);
}

static void reading_open(struct reading *reading, struct run_rows *rows) {
    size_t max = rows->load->limits.max_element;
    *reading = (struct reading){.rows = rows};
    elements_init(&reading->elements, rows);
    made_object_init(&reading->image, 2 * max + 64);
    made_object_init(&reading->key, max + 64);
    made_object_init(&reading->empty, max + 64);
}

static void reading_close(struct reading *reading) {
    elements_free(&reading->elements);
    made_object_free(&reading->image);
    made_object_free(&reading->key);
    made_object_free(&reading->empty);
}

bool load_results(struct load *load, const char *leaf, const char *dataset_id, struct err *err) {
    struct run_rows rows;
    struct reading reading;
    bool good = run_rows_open(&rows, load, leaf, dataset_id, err);
    reading_open(&reading, &rows);
    good = good && load_rows(&reading, err) && run_rows_end(&rows, err);
    reading_close(&reading);
    run_rows_close(&rows);
    return good;
}
