/*
 * Which image and category the rows of a run mean: by ids, names, texts, numbers in file names, ids
 * of the file's own, or the object around them. Part of run_rows.
 */
#ifndef PGCOCO_IMPORT_ROW_IDS_H
#define PGCOCO_IMPORT_ROW_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "import/run_rows.h"

/* What a row names, beside or in the place of an id. */
enum named {
    NAMED_IMAGE,
    NAMED_CATEGORY
};

/* Reads the ids of a row, and replaces names by ids. If that cannot be, *taken is false and *skip
 * filled. Returns false if the load has failed. */
bool row_ids_read(struct run_rows *rows, const struct json_value *element, struct annotation *row,
                  bool *taken, struct skip *skip, struct err *err);

/* Replaces the names in rows->row by ids in *row. *known tells whether the dataset has them; if
 * not, *skip is filled. Returns false if the names cannot be loaded. */
bool row_ids_resolve_names(struct run_rows *rows, struct annotation *row, bool *known,
                           struct skip *skip, struct err *err);

/* True if image and category are in the dataset, else false with *skip filled. Own ids of the file
 * are checked later. */
bool row_ids_are_known(struct run_rows *rows, const struct annotation *row, struct skip *skip);

/* Returns the image of a row for which row_ids_are_known was just true. */
const struct picture *row_ids_picture(const struct run_rows *rows);

/* Checks what a row says beside its ids: names, and the image of the object around it. *taken
 * becomes false, with *skip filled, if a name is too long. Returns false if one contradicts
 * (ERR_WRONG_SHAPE). */
bool row_ids_check(struct run_rows *rows, const struct json_value *element,
                   const struct annotation *row, bool *taken, struct skip *skip, struct err *err);

/* Reads the image that the object around the next rows names, for rows that name none, into
 * rows->around. To leave the object, set what was there before. */
bool row_ids_enter(struct run_rows *rows, const struct json_value *object, struct err *err);
void row_ids_leave(struct run_rows *rows, const struct image_around *before);

/* Loads the names of the dataset's images (or categories) if that has not been done, and makes
 * their index. */
bool row_ids_need_names(struct run_rows *rows, enum named named, struct err *err);

/* What a file says about an image or a category. */
struct named_id {
    enum named named;
    int64_t id;        /* in the dataset; category_offset has been added */
    struct slice text; /* the image's id in the file, if that is a text; else data is NULL */
    struct slice name;
    uint64_t offset; /* bytes from the start of the file */
};

/* Checks a name that the file gives beside an id. ERR_WRONG_SHAPE, at this byte of the file, if the
 * dataset says otherwise: rows would be matched to the wrong image, or class. */
bool row_ids_check_name(struct run_rows *rows, const struct named_id *said, struct err *err);

/* Finds the image that a row means with this text as its image_id, without regard to images of the
 * file's own. text must not change with rows->scratch. Returns false if the load has failed. */
bool row_ids_find_text(struct run_rows *rows, struct slice text, int64_t *id, bool *found,
                       struct err *err);

/* Call at the end of a file with match=name. If it turned out to have no images of its own, its ids
 * are the numbers that files of the dataset are called by; *numbers tells whether any is. */
bool row_ids_match_numbers(struct run_rows *rows, bool *numbers, struct err *err);

#endif
