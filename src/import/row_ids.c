/* Finds out which image and category a row means: see row_ids.h. */
#include "import/row_ids.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/shown.h"
#include "store/rows.h"

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
    load->hints.off_by_one[0] += has_category(catalog, (int64_t)row->category_id - 1);
    load->hints.off_by_one[1] += has_category(catalog, (int64_t)row->category_id + 1);
    return refuse_category(&catalog->categories, row->category_id, skip);
}

/* Keeps the first few unknown ids, for the hint. With match=name the hint would say nothing new. */
static void note_unknown_image(struct run_rows *rows, int64_t id) {
    unsigned count = rows->unknown_count;
    if (rows->load->match_name || count == UNKNOWN_IMAGES) return;
    if (count > 0 && rows->unknown_images[count - 1] == id) return;
    rows->unknown_images[rows->unknown_count++] = id;
}

static bool is_image(struct run_rows *rows, const struct annotation *row, struct skip *skip) {
    if (idset_has(&rows->catalog.images, row->image_id)) return true;
    note_unknown_image(rows, row->image_id);
    return skip_row(skip, SKIP_UNKNOWN_IMAGE, "image %" PRId64 " is not in the dataset",
                    row->image_id);
}

bool row_ids_are_known(struct run_rows *rows, const struct annotation *row, struct skip *skip) {
    return (rows->own_category || is_category(rows->load, &rows->catalog, row, skip)) &&
           (rows->own_image || is_image(rows, row, skip));
}

const struct picture *row_ids_picture(const struct run_rows *rows) {
    static const struct picture unknown = {0, 0};
    return rows->own_image ? &unknown : &rows->catalog.by_image[rows->catalog.images.last].picture;
}

/* Adds category_offset to the row's category_id. */
static bool shift_category(const struct load *load, struct annotation *row, struct skip *skip) {
    return !__builtin_add_overflow(row->category_id, load->category_offset, &row->category_id) ||
           skip_row(skip, SKIP_OUT_OF_RANGE,
                    "category_id plus category_offset does not fit 32 bits");
}

static struct names *names_of(struct run_rows *rows, enum named named) {
    return named == NAMED_IMAGE ? &rows->images : &rows->categories;
}

static bool need_texts(struct run_rows *rows, enum named named, struct err *err) {
    struct names *names = names_of(rows, named);
    return names->loaded ||
           (run_rows_pause(rows, err) && names_load(names, rows->load->db, rows->dataset_id, err) &&
            run_rows_resume(rows, err));
}

bool row_ids_need_names(struct run_rows *rows, enum named named, struct err *err) {
    return need_texts(rows, named, err) && names_index(names_of(rows, named), err);
}

/* Writes an id as the file has it. */
static void show_id(const struct named_id *said, char *into, size_t room) {
    char text[SHOWN_ROOM];
    if (said->text.data) {
        snprintf(into, room, "\"%s\"", shown_in(said->text, text, sizeof text));
    } else {
        snprintf(into, room, "%" PRId64, said->id);
    }
}

static bool refuse_name(const struct document *document, const struct named_id *said,
                        struct slice known, struct err *err) {
    static const char ids_differ[] = "the file's ids are not those of the dataset";
    static const char way_out[] = "match=name matches by name, match=id takes the ids as they are";
    bool image = said->named == NAMED_IMAGE;
    const char *what = image ? "image" : "category";
    char id[SHOWN_ROOM + 2];
    char in_file[SHOWN_ROOM];
    char in_dataset[SHOWN_ROOM];
    show_id(said, id, sizeof id);
    shown_in(said->name, in_file, sizeof in_file);
    if (!known.data) {
        return document_refuse(document, said->offset, err,
                               "%s: \"%s\" is not %s %s in the dataset; %s", ids_differ, in_file,
                               what, id, way_out);
    }
    return document_refuse(document, said->offset, err,
                           "%s: %s %s has another %s in the dataset (\"%s\", not \"%s\"); %s",
                           ids_differ, what, id, image ? "file name" : "name",
                           shown_in(known, in_dataset, sizeof in_dataset), in_file, way_out);
}

bool row_ids_check_name(struct run_rows *rows, const struct named_id *said, struct err *err) {
    struct slice known;
    bool contradicts;
    if (said->name.len == 0) return true; /* an empty name says nothing */
    return need_texts(rows, said->named, err) &&
           names_check(names_of(rows, said->named), said->id, said->name, &contradicts, &known,
                       err) &&
           (!contradicts || refuse_name(&rows->load->document, said, known, err));
}

static bool is_one(const struct names *names, struct slice name, const char *what,
                   enum skip_reason reason, int64_t *id, struct skip *skip) {
    enum names_found found = names_find(names, name, id);
    if (found == NAMES_ONE) return true;
    char said[SHOWN_ROOM];
    shown_in(name, said, sizeof said);
    return skip_row(skip, reason,
                    found == NAMES_NONE ? "the dataset has no %s called \"%s\""
                                        : "the dataset has more than one %s called \"%s\"",
                    what, said);
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

static bool resolve_category(struct run_rows *rows, struct annotation *row, bool *known,
                             struct skip *skip, struct err *err) {
    struct slice name = rows->row.category;
    int64_t id = 0;
    if (!name.data) return true;
    if (!row_ids_need_names(rows, NAMED_CATEGORY, err)) return false;
    *known = fields_name_fits(name, CATEGORY_NAME_MAX, "the name of the category", skip) &&
             is_one(&rows->categories, name, "category", SKIP_UNKNOWN_CATEGORY, &id, skip);
    row->category_id = (int32_t)id;
    return true;
}

/* An image whose id is a text has a number in the database only. A row that gives this number means
 * something else. */
static bool is_number_of_file(const struct run_rows *rows, const struct annotation *row,
                              struct skip *skip) {
    bool own = rows->late_images || rows->own_images.complete;
    return !rows->text_ids.exist || own || row->image_id < rows->text_ids.first ||
           skip_row(skip, SKIP_UNKNOWN_IMAGE,
                    "image %" PRId64 " is not in the dataset, whose image ids are texts",
                    row->image_id);
}

/* True if the ids of rows are the numbers that files are called by. Returns false if the names
 * cannot be loaded. */
static bool ids_are_file_names(struct run_rows *rows, bool *are, struct err *err) {
    *are = rows->load->match_name && !rows->late_images && !rows->own_images.complete;
    if (!*are) return true;
    if (!row_ids_need_names(rows, NAMED_IMAGE, err)) return false;
    *are = rows->images.has_numbers;
    return true;
}

/* With match=name an id is the number that a file is called by, unless the file has images of its
 * own, or no file of the dataset is called by a number. */
static bool resolve_number(struct run_rows *rows, struct annotation *row, bool *known,
                           struct skip *skip, struct err *err) {
    bool file_names;
    if (!ids_are_file_names(rows, &file_names, err)) return false;
    if (!file_names) {
        *known = is_number_of_file(rows, row, skip);
        return true;
    }
    int64_t number = row->image_id;
    enum names_found found = names_find_number(&rows->images, number, &row->image_id);
    *known = found == NAMES_ONE ||
             skip_row(skip, SKIP_UNKNOWN_IMAGE,
                      "%s image of the dataset has a file name that is the number %" PRId64,
                      found == NAMES_NONE ? "no" : "more than one", number);
    return true;
}

static bool resolve_image(struct run_rows *rows, struct annotation *row, bool *known,
                          struct skip *skip, struct err *err) {
    struct slice name = rows->row.image;
    if (!name.data) return resolve_number(rows, row, known, skip, err);
    if (!find_text_id(rows, row, known, err)) return false;
    if (*known) return true;
    if (!row_ids_need_names(rows, NAMED_IMAGE, err)) return false;
    *known = fields_name_fits(name, FILE_NAME_MAX, "the name of the image", skip) &&
             is_one(&rows->images, name, "image", SKIP_UNKNOWN_IMAGE, &row->image_id, skip);
    return true;
}

bool row_ids_resolve_names(struct run_rows *rows, struct annotation *row, bool *known,
                           struct skip *skip, struct err *err) {
    *known = true;
    return resolve_category(rows, row, known, skip, err) &&
           (!*known || !rows->row.names_image || resolve_image(rows, row, known, skip, err));
}

bool row_ids_find_text(struct run_rows *rows, struct slice text, int64_t *id, bool *found,
                       struct err *err) {
    struct annotation row = {0};
    struct skip ignored;
    rows->row.image = text;
    rows->row.image_is_id = true;
    *found = false;
    bool good = resolve_image(rows, &row, found, &ignored, err);
    *id = row.image_id;
    return good;
}

/* The text that names the image of the row, if that is an id. */
static struct slice text_of_image(const struct run_rows *rows) {
    return rows->row.image_is_id ? rows->row.image : (struct slice){NULL, 0};
}

/* Checks the names that stand beside the ids of a row. *taken becomes false if one of them is too
 * long. Returns false if they contradict the dataset. */
static bool check_names(struct run_rows *rows, const struct annotation *row, uint64_t offset,
                        bool *taken, struct skip *skip, struct err *err) {
    struct slice image = rows->row.beside_image;
    struct slice category = rows->row.beside_category;
    if (!fields_name_fits(image, FILE_NAME_MAX, "file_name", skip) ||
        !fields_name_fits(category, CATEGORY_NAME_MAX, "category_name", skip)) {
        *taken = false;
        return true;
    }
    const struct named_id of_category = {
        .named = NAMED_CATEGORY, .id = row->category_id, .name = category, .offset = offset};
    const struct named_id of_image = {NAMED_IMAGE, row->image_id, text_of_image(rows), image,
                                      offset};
    return row_ids_check_name(rows, &of_category, err) && row_ids_check_name(rows, &of_image, err);
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

/* Replaces an image id of the file's own that is a text. If the file has such ids, texts of rows
 * are nothing else. */
static bool replace_own_text(struct run_rows *rows, struct annotation *row, struct skip *skip) {
    char said[SHOWN_ROOM];
    struct slice text = rows->row.image;
    rows->texts_before_own |= rows->late_images && !rows->own_images.complete;
    if (!rows->has_own_texts || !rows->own_images.complete) return true;
    if (!text_ids_find(&rows->own_texts, text, &row->image_id)) {
        return skip_row(skip, SKIP_UNKNOWN_IMAGE,
                        "the file's own image \"%s\" matches no image of the dataset by name",
                        shown_in(text, said, sizeof said));
    }
    rows->row.image = (struct slice){NULL, 0};
    return true;
}

static bool replace_own_image(struct run_rows *rows, struct annotation *row, struct skip *skip) {
    rows->own_image = rows->late_images && !rows->row.image.data;
    if (rows->row.image.data) return !rows->row.image_is_id || replace_own_text(rows, row, skip);
    return rows->own_image || !rows->own_images.complete ||
           replace(&rows->own_images, &row->image_id, "image", SKIP_UNKNOWN_IMAGE, skip);
}

bool row_ids_enter(struct run_rows *rows, const struct json_value *object, struct err *err) {
    struct image_around *around = &rows->around;
    struct annotation image = {0};
    *around = (struct image_around){0};
    around->known =
        results_read_around(&rows->row, object, &around->named, &image, &around->skip) &&
        around->named && replace_own_image(rows, &image, &around->skip);
    around->own = rows->own_image;
    rows->row.may_inherit = around->named;
    if (rows->scratch.failed) return err_set(err, ERR_BUSY, "out of memory for a name");
    if (around->known && !resolve_image(rows, &image, &around->known, &around->skip, err)) {
        return false;
    }
    around->id = image.image_id;
    const struct named_id said = {NAMED_IMAGE, around->id, text_of_image(rows),
                                  rows->row.beside_image, object->offset};
    return !around->known || row_ids_check_name(rows, &said, err);
}

void row_ids_leave(struct run_rows *rows, const struct image_around *before) {
    rows->around = *before;
    rows->row.may_inherit = before->named;
}

/* Gives a row the image of the object around it. */
static bool inherit_image(struct run_rows *rows, struct annotation *row, struct skip *skip) {
    row->image_id = rows->around.id;
    rows->own_image = rows->around.own;
    if (!rows->around.known) *skip = rows->around.skip;
    return rows->around.known;
}

/* Refuses a row with another image than the object around it. Of an id of the file's own and a name
 * it is not known yet whether they are the same. */
static bool check_around(const struct run_rows *rows, const struct json_value *element,
                         const struct annotation *row, struct err *err) {
    const struct image_around *around = &rows->around;
    if (around->known && (around->own != rows->own_image || around->id == row->image_id)) {
        return true;
    }
    return document_refuse(&rows->load->document, element->offset, err,
                           "a row names another image than the object or the key that holds it; "
                           "keep one of both");
}

bool row_ids_match_numbers(struct run_rows *rows, bool *numbers, struct err *err) {
    size_t place = 0;
    int64_t number;
    int64_t id;
    *numbers = false;
    if (!rows->late_images || rows->own_images.complete) return true;
    if (!rows->images.loaded && !names_load(&rows->images, rows->load->db, rows->dataset_id, err)) {
        return false;
    }
    if (!names_index(&rows->images, err)) return false;
    *numbers = rows->images.has_numbers;
    while (names_next_number(&rows->images, &place, &number, &id)) {
        if (!own_ids_add(&rows->own_images, number, id, rows->images.count, err)) return false;
    }
    return !*numbers || own_ids_complete(&rows->own_images, err);
}

bool row_ids_read(struct run_rows *rows, const struct json_value *element, struct annotation *row,
                  bool *taken, struct skip *skip, struct err *err) {
    *taken = results_read_ids(&rows->row, element, row, skip) &&
             replace_own_category(rows, row, skip) &&
             (rows->row.names_image ? replace_own_image(rows, row, skip)
                                    : inherit_image(rows, row, skip));
    return !*taken || row_ids_resolve_names(rows, row, taken, skip, err);
}

bool row_ids_check(struct run_rows *rows, const struct json_value *element,
                   const struct annotation *row, bool *taken, struct skip *skip, struct err *err) {
    return check_names(rows, row, element->offset, taken, skip, err) &&
           (!rows->around.named || !rows->row.names_image || check_around(rows, element, row, err));
}
