/* Reads the images and categories that a results file brings: see own_names.h. */
#include "import/own_names.h"

#include "coco/dataset.h"

/* An image or a category of the file's own. */
struct own {
    int64_t id;
    struct slice text; /* the id of an image, if that is a text; else data is NULL */
    struct slice name;
    bool usable; /* it has both */
};

/* Reads its id and name. They are valid until the next call. */
static bool read_own(struct run_rows *rows, const struct json_value *element, enum named named,
                     struct own *own, struct err *err) {
    enum {
        ID,
        NAME,
        FIELD_COUNT
    };
    static const struct field_name of_image[] = {[ID] = FIELD("id"), [NAME] = FIELD("file_name")};
    static const struct field_name of_category[] = {[ID] = FIELD("id"), [NAME] = FIELD("name")};
    struct buf *scratch = &rows->scratch;
    struct fields fields;
    struct skip ignored;
    bool image = named == NAMED_IMAGE;
    *own = (struct own){0};
    buf_reset(&rows->extra);
    buf_reset(scratch);
    if (!fields_read(&fields, element, image ? of_image : of_category, FIELD_COUNT, &rows->extra,
                     &ignored)) {
        return true;
    }
    bool is_text = image && fields_is_name(&fields, ID);
    own->usable = is_text ? fields_text(&fields, ID, scratch, &ignored)
                          : fields_int64(&fields, ID, &own->id, &ignored);
    size_t len = scratch->len;
    own->usable =
        own->usable && len <= TEXT_ID_MAX && fields_text(&fields, NAME, scratch, &ignored);
    if (scratch->failed) return err_set(err, ERR_BUSY, "out of memory for a name");
    struct slice both = buf_slice(scratch);
    if (is_text) own->text = (struct slice){both.data, len};
    if (own->usable) own->name = (struct slice){both.data + len, both.len - len};
    return true;
}

/* Reads one image or category of the file. */
typedef bool read_one_own(struct run_rows *rows, const struct json_value *element, enum named named,
                          struct err *err);

/* Checks that the dataset has the same image or category under this id. Otherwise the rows would be
 * matched to wrong ones. */
static bool check_own(struct run_rows *rows, const struct json_value *element, enum named named,
                      struct err *err) {
    struct own own;
    bool found = true;
    if (!read_own(rows, element, named, &own, err)) return false;
    if (!own.usable) return true;
    if (own.text.data && !row_ids_find_text(rows, own.text, &own.id, &found, err)) return false;
    /* A category id that overflows is none of the dataset's. */
    if (named == NAMED_CATEGORY) {
        found = !__builtin_add_overflow(own.id, rows->load->category_offset, &own.id);
    }
    const struct named_id said = {named, own.id, own.text, own.name, element->offset};
    return !found || row_ids_check_name(rows, &said, err);
}

/* Rows that came before the images of the file were matched by their texts to what the dataset
 * calls so. That must be the same image. */
static bool check_texts_before(struct run_rows *rows, const struct own *own, bool named, int64_t id,
                               uint64_t offset, struct err *err) {
    int64_t before = 0;
    bool found;
    if (!rows->texts_before_own) return true;
    if (!row_ids_find_text(rows, own->text, &before, &found, err)) return false;
    return (found == named && (!found || before == id)) ||
           document_refuse(&rows->load->document, offset, err,
                           "the file has texts as ids of its images, which are not those of the "
                           "dataset; put images before the rows");
}

static bool refuse_repeated_names(struct err *err) {
    return err_set(err, ERR_WRONG_SHAPE, "the file repeats names of its images too often");
}

/* Matches one image whose id in the file is a text. is: the dataset has one of its name, id. */
static bool match_own_text(struct run_rows *rows, const struct own *own, bool is, int64_t id,
                           uint64_t offset, struct err *err) {
    rows->has_own_texts = true;
    if (!check_texts_before(rows, own, is, id, offset, err)) return false;
    if (!is) return true;
    if (rows->own_texts.count >= 2 * rows->catalog.images.count) return refuse_repeated_names(err);
    return text_ids_add(&rows->own_texts, id, own->text, err);
}

/* Matches one image or category of the file by name. If the dataset has none of this name, or
 * several, the rows that refer to it are skipped later. */
static bool match_own(struct run_rows *rows, const struct json_value *element, enum named named,
                      struct err *err) {
    const struct catalog *catalog = &rows->catalog;
    bool image = named == NAMED_IMAGE;
    struct own own;
    int64_t id = 0;
    if (!read_own(rows, element, named, &own, err)) return false;
    bool is = own.usable &&
              names_find(image ? &rows->images : &rows->categories, own.name, &id) == NAMES_ONE;
    if (own.text.data) return match_own_text(rows, &own, is, id, element->offset, err);
    return !is || own_ids_add(image ? &rows->own_images : &rows->own_categories, own.id, id,
                              image ? catalog->images.count : catalog->categories.count, err);
}

/* Reads the array of the file's own images or categories. */
static bool read_all_own(struct run_rows *rows, enum named named, read_one_own *read_one,
                         struct err *err) {
    struct document *document = &rows->load->document;
    bool more = true;
    if (!document_enter_array(document, err)) return false;
    while (more) {
        struct json_value element;
        if (!document_next_element(document, &element, &more, err)) return false;
        if (more && !read_one(rows, &element, named, err)) return false;
    }
    return true;
}

static bool complete_own(struct run_rows *rows, enum named named, struct err *err) {
    if (named == NAMED_CATEGORY) return own_ids_complete(&rows->own_categories, err);
    return own_ids_complete(&rows->own_images, err) &&
           (text_ids_sort(&rows->own_texts) ||
            err_set(err, ERR_WRONG_SHAPE,
                    "an id of the file's own images, a text, stands for two different names"));
}

static bool match_all_own(struct run_rows *rows, enum named named, struct err *err) {
    return row_ids_need_names(rows, named, err) && read_all_own(rows, named, match_own, err) &&
           complete_own(rows, named, err);
}

bool own_names_load(struct run_rows *rows, enum named named, struct err *err) {
    return rows->load->match_name ? match_all_own(rows, named, err)
                                  : read_all_own(rows, named, check_own, err);
}
