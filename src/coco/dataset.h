/* The rows of a ground-truth file: images, categories and annotations, one object each. */
#ifndef PGCOCO_COCO_DATASET_H
#define PGCOCO_COCO_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/skip.h"
#include "json/value.h"

enum {
    TEXT_ID_MAX = 1024 /* bytes of an image id that is a text */
};

struct image {
    int64_t image_id;     /* not set without has_number */
    bool has_number;      /* the id is a number, or a text of digits */
    struct slice text_id; /* the id if it is a text, unescaped; otherwise data is NULL */
    int32_t width;        /* pixels */
    int32_t height;
    bool has_width;
    bool has_height;
    struct slice file_name; /* unescaped; data is NULL if there is none */
    struct slice extra;     /* unknown fields as one JSON object; data is NULL if none */
};

struct category {
    int32_t category_id;
    struct slice name; /* unescaped */
    struct slice supercategory;
    struct slice extra;
};

/* An annotation as far as one element tells. What is missing needs the whole file. */
struct dataset_annotation {
    struct annotation row;
    struct slice image_text; /* image_id where it is a text; data is NULL: row.image_id */
    bool has_id;             /* otherwise row.annotation_id is not set */
    bool needs_mask;         /* box or area are to be those of the mask, which is not read here */
};

/* Memory for the texts of one row; each dataset_read_*() call reuses it. */
struct dataset_scratch {
    struct buf extra;
    struct buf text;
    struct buf more_text;
    struct buf id;
};

/* max_element: the largest element in bytes. Call dataset_scratch_free in any case. */
void dataset_scratch_init(struct dataset_scratch *scratch, size_t max_element);
void dataset_scratch_free(struct dataset_scratch *scratch);

/* True if memory ran out. The row read last is then incomplete. */
bool dataset_scratch_failed(const struct dataset_scratch *scratch);

/* Read one element into *row. If it cannot be taken, they fill *skip and return false. *row points
 * into the element and the scratch, so it is valid until the next call with this scratch. An
 * annotation without a box must have a mask; one without an area has that of its box until the mask
 * is measured. renumber: do not read the id of an annotation. */
bool dataset_read_image(const struct json_value *element, struct image *row,
                        struct dataset_scratch *scratch, struct skip *skip);
bool dataset_read_category(const struct json_value *element, struct category *row,
                           struct dataset_scratch *scratch, struct skip *skip);
bool dataset_read_annotation(const struct json_value *element, bool renumber,
                             struct dataset_annotation *annotation, struct dataset_scratch *scratch,
                             struct skip *skip);

#endif
