/* A ground-truth file's rows: images, categories and annotations, one object each. */
#ifndef PGCOCO_COCO_DATASET_H
#define PGCOCO_COCO_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/skip.h"
#include "json/value.h"

struct image {
    int64_t image_id;
    int32_t width; /* pixels */
    int32_t height;
    bool has_width;
    bool has_height;
    struct slice file_name; /* escapes resolved; data NULL: none */
    struct slice extra;
};

struct category {
    int32_t category_id;
    struct slice name; /* escapes resolved */
    struct slice supercategory;
    struct slice extra;
};

/* Memory that the rows read with it point into; it is reused from row to row. */
struct dataset_scratch {
    struct buf extra;
    struct buf text;
    struct buf more_text;
};

void dataset_scratch_init(struct dataset_scratch *scratch, size_t max_element);
void dataset_scratch_free(struct dataset_scratch *scratch);

/* Whether memory ran out: the row read last is not complete. */
bool dataset_scratch_failed(const struct dataset_scratch *scratch);

/* One element into *row, or *skip. Valid until the next call with this scratch. */
bool dataset_read_image(const struct json_value *element, struct image *row,
                        struct dataset_scratch *scratch, struct skip *skip);
bool dataset_read_category(const struct json_value *element, struct category *row,
                           struct dataset_scratch *scratch, struct skip *skip);
bool dataset_read_annotation(const struct json_value *element, struct annotation *row,
                             struct dataset_scratch *scratch, struct skip *skip);

#endif
