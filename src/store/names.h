/*
 * Finds images or categories of a dataset by name, for files that give names instead of ids. Takes
 * 16 bytes per name (a 64-bit hash and an id), up to three names per image, and only if a file
 * needs them.
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
    struct name *names; /* sorted by hash */
    size_t count;
    size_t cap;
    bool loaded;
    bool in_folders; /* also look up names without their folders, which may differ */
};

enum names_found {
    NAMES_NONE,
    NAMES_ONE,
    NAMES_SEVERAL /* the name is ambiguous */
};

/* Load the names. An image is also found by its name without folders or without ending, unless
 * another image has that name. dataset_id is decimal. No copy may be open on the connection. Call
 * names_free in any case. */
bool names_load_images(struct names *names, struct db *db, const char *dataset_id, struct err *err);
bool names_load_categories(struct names *names, struct db *db, const char *dataset_id,
                           struct err *err);
void names_free(struct names *names);

/* Looks up a name. Sets *id for NAMES_ONE. */
enum names_found names_find(const struct names *names, struct slice name, int64_t *id);

#endif
