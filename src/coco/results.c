/* Reads the rows of a results file: see results.h. */
#include "coco/results.h"

#include <math.h>

#include "coco/oriented_box.h"
#include "coco/rle.h"

enum {
    IMAGE_ID,
    CATEGORY_ID,
    BBOX,
    SCORE,
    SEGMENTATION,
    KEYPOINTS,
    FILE_NAME,
    CATEGORY_NAME,
    POLY,
    RBOX,
    FIELD_COUNT
};

static const struct field_name names[FIELD_COUNT] = {
    [IMAGE_ID] = FIELD("image_id"),
    [CATEGORY_ID] = FIELD("category_id"),
    [BBOX] = FIELD("bbox"),
    [SCORE] = FIELD("score"),
    [SEGMENTATION] = FIELD("segmentation"),
    [KEYPOINTS] = FIELD("keypoints"),
    [FILE_NAME] = KEPT_FIELD("file_name"),
    [CATEGORY_NAME] = KEPT_FIELD("category_name"),
    [POLY] = KEPT_FIELD("poly"), /* ultralytics' oriented boxes */
    [RBOX] = KEPT_FIELD("rbox"),
};

/* A name in scratch: offsets, because further names may move it. */
struct span {
    bool is_read;
    size_t start;
    size_t end;
};

static bool read_name(struct results_row *row, const struct fields *fields, size_t field,
                      struct span *span, struct skip *skip) {
    span->start = row->scratch->len;
    span->is_read = fields_text(fields, field, row->scratch, skip);
    span->end = row->scratch->len;
    return span->is_read;
}

/* Reads a name that stands beside an id. What cannot be a name is kept like any other field. */
static void read_name_beside(struct results_row *row, const struct fields *fields, size_t field,
                             struct span *span) {
    struct skip ignored;
    if (fields_is_text(fields, field)) (void)read_name(row, fields, field, span, &ignored);
}

static struct slice name_of(const struct results_row *row, const struct span *span) {
    if (!span->is_read) return (struct slice){NULL, 0};
    struct slice all = buf_slice(row->scratch);
    /* Nothing is left where memory ran out. */
    return span->end > all.len ? (struct slice){all.data, 0}
                               : (struct slice){all.data + span->start, span->end - span->start};
}

/* Reads file_name where image_id names the image. */
static void read_file_name_beside(struct results_row *row, const struct fields *fields,
                                  const struct span *image, struct span *beside) {
    bool by_id = !image->is_read || row->image_is_id;
    if (row->check_names && by_id) read_name_beside(row, fields, FILE_NAME, beside);
}

static bool names_image(const struct fields *fields) {
    return fields_has(fields, IMAGE_ID) || fields_has(fields, FILE_NAME);
}

/* Returns the field that names the image: image_id where it is a text (ultralytics writes file
 * stems), or file_name where there is no id. FIELD_COUNT if none does. */
static size_t image_name_field(const struct fields *fields, bool match_name) {
    bool file = fields_is_text(fields, FILE_NAME); /* a file name may consist of digits */
    if (match_name && file) return FILE_NAME;
    if (fields_is_name(fields, IMAGE_ID)) return IMAGE_ID;
    bool named = !fields_has(fields, IMAGE_ID) && file;
    return named ? FILE_NAME : FIELD_COUNT;
}

static bool read_image(struct results_row *row, const struct fields *fields,
                       struct annotation *annotation, struct span *name, struct skip *skip) {
    size_t field = image_name_field(fields, row->match_name);
    row->image_is_id = field == IMAGE_ID;
    if (field != FIELD_COUNT) return read_name(row, fields, field, name, skip);
    return fields_int64(fields, IMAGE_ID, &annotation->image_id, skip);
}

static bool read_category(struct results_row *row, struct annotation *annotation, struct span *name,
                          struct skip *skip) {
    const struct fields *fields = &row->fields;
    bool named =
        fields_has(fields, CATEGORY_NAME) && (row->match_name || !fields_has(fields, CATEGORY_ID));
    if (named) return read_name(row, fields, CATEGORY_NAME, name, skip);
    return fields_int32(fields, CATEGORY_ID, &annotation->category_id, skip);
}

bool results_read_around(struct results_row *row, const struct json_value *object, bool *named,
                         struct annotation *annotation, struct skip *skip) {
    struct fields around = {.object = object, .names = names};
    struct span image = {0};
    struct span beside = {0};
    around.node[IMAGE_ID] = json_member(object, 0, names[IMAGE_ID].text);
    around.node[FILE_NAME] = json_member(object, 0, names[FILE_NAME].text);
    buf_reset(row->scratch);
    row->image = row->beside_image = (struct slice){NULL, 0};
    *named = names_image(&around);
    if (!*named) return true;
    if (!read_image(row, &around, annotation, &image, skip)) return false;
    read_file_name_beside(row, &around, &image, &beside);
    row->image = name_of(row, &image);
    row->beside_image = name_of(row, &beside);
    return true;
}

bool results_read_ids(struct results_row *row, const struct json_value *element,
                      struct annotation *annotation, struct skip *skip) {
    struct fields *fields = &row->fields;
    struct span image = {0};
    struct span category = {0};
    struct span beside[2] = {0};
    buf_reset(row->extra);
    buf_reset(row->scratch);
    if (!fields_read(fields, element, names, FIELD_COUNT, row->extra, skip)) return false;
    row->names_image = !row->may_inherit || names_image(fields);
    if ((row->names_image && !read_image(row, fields, annotation, &image, skip)) ||
        !read_category(row, annotation, &category, skip)) {
        return false;
    }
    if (row->names_image) read_file_name_beside(row, fields, &image, &beside[0]);
    if (row->check_names && !category.is_read) {
        read_name_beside(row, fields, CATEGORY_NAME, &beside[1]);
    }
    row->image = name_of(row, &image); /* scratch no longer moves */
    row->category = name_of(row, &category);
    row->beside_image = name_of(row, &beside[0]);
    row->beside_category = name_of(row, &beside[1]);
    return true;
}

static bool read_mask(struct results_row *row, const struct picture *picture, struct mask *mask,
                      struct skip *skip) {
    const struct fields *fields = &row->fields;
    *mask = (struct mask){.kind = MASK_NONE};
    return !fields_has(fields, SEGMENTATION) ||
           rle_read(fields->object, fields->node[SEGMENTATION], picture, row->scratch, mask, skip);
}

static bool set_box(struct annotation *annotation, const struct bbox *bbox, double area,
                    struct skip *skip) {
    annotation->bbox = *bbox;
    annotation->area = area;
    annotation->has_area = true;
    return isfinite(area) ||
           skip_row(skip, SKIP_OUT_OF_RANGE, "the area of bbox does not fit a double");
}

/* Polygons are measured only if the row has no box, because most rows have one. */
static bool measure_mask(struct results_row *row, const struct picture *picture, struct mask *mask,
                         struct skip *skip) {
    const struct fields *fields = &row->fields;
    return mask->kind != MASK_POLYGONS ||
           rle_measure_polygons(fields->object, fields->node[SEGMENTATION], picture, row->crossings,
                                mask, skip);
}

/* Reads the box that a row without one has by its keypoints, or as an oriented box. *found tells
 * whether it has either. */
static bool read_extent(const struct fields *fields, struct bbox *bbox, bool *found,
                        struct skip *skip) {
    *found = true;
    if (fields_has_content(fields, KEYPOINTS)) return true; /* *bbox is their extent already */
    if (fields_has_content(fields, POLY))
        return oriented_box_read_corners(fields, POLY, bbox, skip);
    if (fields_has_content(fields, RBOX)) return oriented_box_read_turned(fields, RBOX, bbox, skip);
    *found = false;
    return true;
}

/* bbox: in, the extent of the keypoints. */
static bool read_box(struct results_row *row, const struct picture *picture, struct mask *mask,
                     struct bbox *bbox, struct annotation *annotation, struct skip *skip) {
    const struct fields *fields = &row->fields;
    bool found = false;
    annotation->bbox_derived = !fields_has_content(fields, BBOX);
    annotation->bbox_drawn = annotation->bbox_derived && mask->kind == MASK_POLYGONS;
    if (annotation->bbox_derived && mask->kind != MASK_NONE) {
        return measure_mask(row, picture, mask, skip) &&
               set_box(annotation, &mask->bbox, mask->area, skip);
    }
    if (annotation->bbox_derived && !read_extent(fields, bbox, &found, skip)) return false;
    return (found || annotation_read_bbox(fields, BBOX, bbox, skip)) &&
           set_box(annotation, bbox, bbox->w * bbox->h, skip);
}

bool results_read_shape(struct results_row *row, const struct picture *picture,
                        struct annotation *annotation, struct skip *skip) {
    static const struct picture no_size = {-1, -1};
    const struct fields *fields = &row->fields;
    bool points = fields_has_content(fields, KEYPOINTS);
    struct bbox bbox = {0};
    struct mask mask;
    if ((points && !annotation_read_keypoints(fields, KEYPOINTS, &bbox, skip)) ||
        !read_mask(row, picture, &mask, skip) ||
        !read_box(row, picture, &mask, &bbox, annotation, skip) ||
        !fields_double(fields, SCORE, &annotation->confidence, skip)) {
        return false;
    }
    annotation->rle_size = mask.kind == MASK_RLE ? mask.size : no_size;
    annotation->has_confidence = true;
    annotation->is_crowd = false;
    annotation->segmentation = fields_raw(fields, SEGMENTATION);
    annotation->keypoints = fields_raw(fields, KEYPOINTS);
    annotation->extra = (struct slice){row->extra->len ? row->extra->data : NULL, row->extra->len};
    return true;
}
