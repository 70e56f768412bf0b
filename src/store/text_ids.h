/*
 * Finds images of a dataset whose ids are texts in its ground truth. Takes 24 bytes and the text
 * for each such image, and only if a file names one by it.
 */
#ifndef PGCOCO_STORE_TEXT_IDS_H
#define PGCOCO_STORE_TEXT_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/db.h"

struct text_id {
    int64_t image_id;
    size_t start; /* of its text in `texts` */
    size_t len;
};

struct text_ids {
    bool exist;    /* the dataset has images whose ids are not numbers */
    int64_t first; /* the smallest number given to one: the file has no id from it on */
    bool loaded;
    struct text_id *ids; /* in the order of their bytes */
    size_t count;
    size_t cap;
    struct buf texts;
};

/* Asks whether the dataset has such images. dataset_id is decimal. No copy may be open on the
 * connection. Call text_ids_free in any case. */
bool text_ids_open(struct text_ids *ids, struct db *db, const char *dataset_id, struct err *err);

/* Loads them, page by page. No copy may be open on the connection. */
bool text_ids_load(struct text_ids *ids, struct db *db, const char *dataset_id, struct err *err);
void text_ids_free(struct text_ids *ids);

/* For a map of other texts, such as those of a file: starts empty. Its texts together take at most
 * max_bytes. Call text_ids_free in any case. */
void text_ids_init(struct text_ids *ids, size_t max_bytes);

/* Adds a pair in any order; then call text_ids_sort before texts are looked up. ERR_BUSY. */
bool text_ids_add(struct text_ids *ids, int64_t image_id, struct slice text, struct err *err);

/* Sorts the pairs. False if a text stands for two images. */
bool text_ids_sort(struct text_ids *ids);

/* Looks up a text. Sets *image_id if an image has this id. */
bool text_ids_find(const struct text_ids *ids, struct slice text, int64_t *image_id);

#endif
