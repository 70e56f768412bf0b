/*
 * The names of a dataset's images or categories, for files that give names instead of ids, or
 * beside them. Loaded only if a file needs them. Takes the bytes of each name and 12 more; an index
 * takes 8 for each way to find it. An image is found by its whole name, without folders, without
 * ending, and by the number that it is; a category by its name, and by its name in any case.
 */
#ifndef PGCOCO_STORE_NAMES_H
#define PGCOCO_STORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/db.h"

enum {
    NAMES_BYTES_MAX = 256 * 1024 * 1024 /* of all names of a dataset */
};

struct name_way; /* a way to find a name */

struct names {
    bool are_images;
    bool loaded;
    bool indexed;     /* names can be looked up */
    bool has_numbers; /* the file name of some image is a number */
    struct buf texts; /* one after the other */
    int64_t *ids;     /* ascending */
    uint32_t *starts; /* of the name of each id in `texts` */
    size_t count;
    size_t cap;
    struct name_way *ways; /* sorted */
    size_t way_count;
    size_t way_cap;
    size_t last; /* index of the last id looked up: rows of an image often follow one another */
};

/* Start without names. Call names_free in any case. */
void names_init_images(struct names *names);
void names_init_categories(struct names *names);
void names_free(struct names *names);

/* Loads the names of a dataset; dataset_id is decimal. No copy may be open on the connection.
 * ERR_BUSY if they take more than NAMES_BYTES_MAX. */
bool names_load(struct names *names, struct db *db, const char *dataset_id, struct err *err);

/* Adds one name; ids ascend. names_load calls it. */
bool names_add(struct names *names, int64_t id, struct slice name, struct err *err);

/* Returns the name of an id, until names change; data is NULL if it has none. Needs no index. */
struct slice names_get(const struct names *names, int64_t id);

/* Makes an index, once. Needed to look up names, but not to check those beside known ids. */
bool names_index(struct names *names, struct err *err);

enum names_found {
    NAMES_NONE,
    NAMES_ONE,
    NAMES_SEVERAL /* the name is ambiguous */
};

/* Look up in an index.
 *
 * A name. A whole name is preferred to a part, and a category in the same case to others.
 * Sets *id for NAMES_ONE. */
enum names_found names_find(const struct names *names, struct slice name, int64_t *id);

/* The image whose file name is this number, as in 0002.jpg. Sets *id for NAMES_ONE. */
enum names_found names_find_number(const struct names *names, int64_t number, int64_t *id);

/* Goes over the images that names_find_number finds; starts with *place 0. False at the end. */
bool names_next_number(const struct names *names, size_t *place, int64_t *number, int64_t *id);

/* Tells whether a name that a file gives beside an id is the name of something else. File names are
 * compared by file_name_is_same; another one contradicts. Names of categories are compared in any
 * case; one that no category has does not contradict, because tools spell them differently. Sets
 * *known to the name that the id has in the dataset; data is NULL if it has none. */
bool names_check(struct names *names, int64_t id, struct slice name, bool *contradicts,
                 struct slice *known, struct err *err);

#endif
