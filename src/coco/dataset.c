/* The rows of a ground-truth file: see dataset.h. */
#include "coco/dataset.h"

#include <math.h>

void dataset_scratch_init(struct dataset_scratch *scratch, size_t max_element) {
    /* No text kept from an element is longer than the element; `extra` adds two braces. */
    buf_init(&scratch->extra, max_element + 2);
    buf_init(&scratch->text, max_element);
    buf_init(&scratch->more_text, max_element);
    buf_init(&scratch->id, max_element);
}

void dataset_scratch_free(struct dataset_scratch *scratch) {
    buf_free(&scratch->extra);
    buf_free(&scratch->text);
    buf_free(&scratch->more_text);
    buf_free(&scratch->id);
}

bool dataset_scratch_failed(const struct dataset_scratch *scratch) {
    return scratch->extra.failed || scratch->text.failed || scratch->more_text.failed ||
           scratch->id.failed;
}

static void scratch_reset(struct dataset_scratch *scratch) {
    buf_reset(&scratch->extra);
    buf_reset(&scratch->text);
    buf_reset(&scratch->more_text);
    buf_reset(&scratch->id);
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

static bool read_text_id(const struct fields *fields, size_t field, struct slice *text,
                         struct buf *into, struct skip *skip) {
    const char *name = fields->names[field].text;
    if (!fields_text(fields, field, into, skip)) return false;
    *text = buf_slice(into);
    if (text->len == 0) return skip_row(skip, SKIP_WRONG_TYPE, "%s is an empty text", name);
    return text->len <= TEXT_ID_MAX ||
           skip_row(skip, SKIP_OUT_OF_RANGE, "%s is longer than %d bytes", name, TEXT_ID_MAX);
}

/* Reads the image of an annotation: a number, or a text that is not one. */
static bool read_image_id(const struct fields *fields, size_t field, int64_t *id,
                          struct slice *text, struct buf *into, struct skip *skip) {
    *text = (struct slice){NULL, 0};
    *id = 0;
    return fields_is_name(fields, field) ? read_text_id(fields, field, text, into, skip)
                                         : fields_int64(fields, field, id, skip);
}

/* Reads the id of an image. A text of digits is both, so that it comes out as it came. */
static bool read_id_of_image(const struct fields *fields, size_t field, struct image *row,
                             struct buf *into, struct skip *skip) {
    row->has_number = !fields_is_name(fields, field);
    row->text_id = (struct slice){NULL, 0};
    if (row->has_number && !fields_int64(fields, field, &row->image_id, skip)) return false;
    return !fields_is_text(fields, field) || read_text_id(fields, field, &row->text_id, into, skip);
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
        !read_id_of_image(&fields, ID, row, &scratch->id, skip) ||
        !optional_text(&fields, FILE_NAME, &scratch->text, &row->file_name, skip) ||
        !fields_name_fits(row->file_name, FILE_NAME_MAX, "file_name", skip) ||
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
        !fields_name_fits(buf_slice(&scratch->text), CATEGORY_NAME_MAX, "name", skip) ||
        !optional_text(&fields, SUPERCATEGORY, &scratch->more_text, &row->supercategory, skip)) {
        return false;
    }
    row->name = buf_slice(&scratch->text);
    row->extra = slice_or_none(&scratch->extra);
    return true;
}

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

static bool read_annotation_id(const struct fields *fields, bool renumber,
                               struct dataset_annotation *annotation, struct skip *skip) {
    annotation->has_id = !renumber && fields_has(fields, ID);
    if (!annotation->has_id) return true;
    if (fields_is_name(fields, ID)) {
        return skip_row(skip, SKIP_WRONG_TYPE,
                        "id is a string, not a number; renumber=1 gives new ids");
    }
    return fields_int64(fields, ID, &annotation->row.annotation_id, skip);
}

/* Reads box and area. What the file does not give is derived: an area of the box here, everything
 * of the mask later. */
static bool read_extent(const struct fields *fields, struct dataset_annotation *annotation,
                        struct skip *skip) {
    struct annotation *row = &annotation->row;
    bool mask = fields_has_content(fields, SEGMENTATION);
    row->bbox = (struct bbox){0, 0, 0, 0};
    row->area = 0;
    row->has_area = fields_has(fields, AREA);
    row->area_derived = !row->has_area;
    row->bbox_derived = mask && !fields_has_content(fields, BBOX);
    annotation->needs_mask = mask && (row->area_derived || row->bbox_derived);
    if (!row->bbox_derived && !annotation_read_bbox(fields, BBOX, &row->bbox, skip)) return false;
    if (row->has_area) return fields_double(fields, AREA, &row->area, skip);
    row->area = row->bbox.w * row->bbox.h;
    row->has_area = isfinite(row->area);
    return true;
}

bool dataset_read_annotation(const struct json_value *element, bool renumber,
                             struct dataset_annotation *annotation, struct dataset_scratch *scratch,
                             struct skip *skip) {
    struct fields fields;
    struct annotation *row = &annotation->row;
    scratch_reset(scratch);
    if (!fields_read(&fields, element, names, FIELD_COUNT, &scratch->extra, skip) ||
        !read_annotation_id(&fields, renumber, annotation, skip) ||
        !read_image_id(&fields, IMAGE_ID, &row->image_id, &annotation->image_text, &scratch->id,
                       skip) ||
        !fields_int32(&fields, CATEGORY_ID, &row->category_id, skip) ||
        !read_extent(&fields, annotation, skip) ||
        !fields_flag(&fields, ISCROWD, &row->is_crowd, skip)) {
        return false;
    }
    row->has_confidence = false;
    row->segmentation = fields_raw(&fields, SEGMENTATION);
    row->keypoints = fields_raw(&fields, KEYPOINTS);
    row->extra = slice_or_none(&scratch->extra);
    return true;
}
