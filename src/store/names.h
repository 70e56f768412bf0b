/*
 * The names of a dataset's images or categories, for files that name them instead of giving their
 * ids. A hash of 64 bits and an id each: 16 bytes a name, up to three names an image, and only when
 * a file needs them.
 */
#ifndef PGCOCO_STORE_NAMES_H
#define PGCOCO_STORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/db.h"

struct name {
    uint64_t hash;
    int64_t id;
};

struct names {
    struct name *names; /* by hash */
    size_t count;
    size_t cap;
    bool loaded;
    bool in_folders; /* folders differ from place to place: a name is looked up without them, too */
};

enum names_found {
    NAMES_NONE,
    NAMES_ONE,
    NAMES_SEVERAL /* that have the same name */
};

/* An image has the name of its file. The name without folders, and without its ending, finds it too
 * where no other image has that name. No copy may be open on the connection. names_free must be
 * called in any case. */
bool names_load_images(struct names *names, struct db *db, const char *dataset_id, struct err *err);
bool names_load_categories(struct names *names, struct db *db, const char *dataset_id,
                           struct err *err);
void names_free(struct names *names);

/* NAMES_SEVERAL: more than one is called that; *id is set for NAMES_ONE only. */
enum names_found names_find(const struct names *names, struct slice name, int64_t *id);

#endif
