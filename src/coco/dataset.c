/* The rows of a ground-truth file: see dataset.h. */
#include "coco/dataset.h"

void dataset_scratch_init(struct dataset_scratch *scratch, size_t max_element) {
    /* No text kept from an element is longer than the element; `extra` adds two braces. */
    buf_init(&scratch->extra, max_element + 2);
    buf_init(&scratch->text, max_element);
    buf_init(&scratch->more_text, max_element);
}

void dataset_scratch_free(struct dataset_scratch *scratch) {
    buf_free(&scratch->extra);
    buf_free(&scratch->text);
    buf_free(&scratch->more_text);
}

bool dataset_scratch_failed(const struct dataset_scratch *scratch) {
    return scratch->extra.failed || scratch->text.failed || scratch->more_text.failed;
}

static void scratch_reset(struct dataset_scratch *scratch) {
    buf_reset(&scratch->extra);
    buf_reset(&scratch->text);
    buf_reset(&scratch->more_text);
}

static struct slice slice_or_none(struct buf *buf) {
    return buf->len ? buf_slice(buf) : (struct slice){NULL, 0};
}

static bool optional_int32(const struct fields *fields, size_t field, int32_t *out, bool *has,
                           struct skip *skip) {
    *has = fields_has(fields, field);
    return !*has || fields_int32(fields, field, out, skip);
}

static bool optional_text(const struct fields *fields, size_t field, struct buf *into,
                          struct slice *out, struct skip *skip) {
    *out = (struct slice){NULL, 0};
    if (!fields_has(fields, field)) return true;
    if (!fields_text(fields, field, into, skip)) return false;
    *out = buf_slice(into);
    return true;
}

bool dataset_read_image(const struct json_value *element, struct image *row,
                        struct dataset_scratch *scratch, struct skip *skip) {
    enum {
        ID,
        FILE_NAME,
        WIDTH,
        HEIGHT,
        FIELD_COUNT
    };
    static const struct field_name names[FIELD_COUNT] = {
        [ID] = FIELD("id"),
        [FILE_NAME] = FIELD("file_name"),
        [WIDTH] = FIELD("width"),
        [HEIGHT] = FIELD("height"),
    };
    struct fields fields;
    scratch_reset(scratch);
    if (!fields_read(&fields, element, names, FIELD_COUNT, &scratch->extra, skip) ||
        !fields_int64(&fields, ID, &row->image_id, skip) ||
        !optional_text(&fields, FILE_NAME, &scratch->text, &row->file_name, skip) ||
        !name_fits(row->file_name, FILE_NAME_MAX, "file_name", skip) ||
        !optional_int32(&fields, WIDTH, &row->width, &row->has_width, skip) ||
        !optional_int32(&fields, HEIGHT, &row->height, &row->has_height, skip)) {
        return false;
    }
    row->extra = slice_or_none(&scratch->extra);
    return true;
}

bool dataset_read_category(const struct json_value *element, struct category *row,
                           struct dataset_scratch *scratch, struct skip *skip) {
    enum {
        ID,
        NAME,
        SUPERCATEGORY,
        FIELD_COUNT
    };
    static const struct field_name names[FIELD_COUNT] = {
        [ID] = FIELD("id"),
        [NAME] = FIELD("name"),
        [SUPERCATEGORY] = FIELD("supercategory"),
    };
    struct fields fields;
    scratch_reset(scratch);
    if (!fields_read(&fields, element, names, FIELD_COUNT, &scratch->extra, skip) ||
        !fields_int32(&fields, ID, &row->category_id, skip) ||
        !fields_text(&fields, NAME, &scratch->text, skip) ||
        !name_fits(buf_slice(&scratch->text), CATEGORY_NAME_MAX, "name", skip) ||
        !optional_text(&fields, SUPERCATEGORY, &scratch->more_text, &row->supercategory, skip)) {
        return false;
    }
    row->name = buf_slice(&scratch->text);
    row->extra = slice_or_none(&scratch->extra);
    return true;
}

bool dataset_read_annotation(const struct json_value *element, struct annotation *row,
                             struct dataset_scratch *scratch, struct skip *skip) {
    enum {
        ID,
        IMAGE_ID,
        CATEGORY_ID,
        BBOX,
        AREA,
        ISCROWD,
        SEGMENTATION,
        KEYPOINTS,
        FIELD_COUNT
    };
    static const struct field_name names[FIELD_COUNT] = {
        [ID] = FIELD("id"),
        [IMAGE_ID] = FIELD("image_id"),
        [CATEGORY_ID] = FIELD("category_id"),
        [BBOX] = FIELD("bbox"),
        [AREA] = FIELD("area"),
        [ISCROWD] = FIELD("iscrowd"),
        [SEGMENTATION] = FIELD("segmentation"),
        [KEYPOINTS] = FIELD("keypoints"),
    };
    struct fields fields;
    scratch_reset(scratch);
    if (!fields_read(&fields, element, names, FIELD_COUNT, &scratch->extra, skip) ||
        !fields_int64(&fields, ID, &row->annotation_id, skip) ||
        !fields_int64(&fields, IMAGE_ID, &row->image_id, skip) ||
        !fields_int32(&fields, CATEGORY_ID, &row->category_id, skip) ||
        !annotation_read_bbox(&fields, BBOX, &row->bbox, skip) ||
        !fields_flag(&fields, ISCROWD, &row->is_crowd, skip)) {
        return false;
    }
    row->has_area = fields_has(&fields, AREA);
    if (row->has_area && !fields_double(&fields, AREA, &row->area, skip)) return false;
    row->has_confidence = false;
    row->segmentation = fields_raw(&fields, SEGMENTATION);
    row->keypoints = fields_raw(&fields, KEYPOINTS);
    row->extra = slice_or_none(&scratch->extra);
    return true;
}
