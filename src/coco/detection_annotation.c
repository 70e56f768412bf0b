/* Reads a detection_annotation file: see detection_annotation.h. */
#include "coco/detection_annotation.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coco/fields.h"
#include "coco/numeral.h"

struct class_name {
    int64_t id;
    uint32_t node; /* its name */
};

void detections_init(struct detections *detections, size_t max_element) {
    /* An unescaped text is never longer than its source. A node or a class takes at least two bytes
     * of the file. */
    memset(detections, 0, sizeof *detections);
    buf_init(&detections->image, max_element);
    buf_init(&detections->classes, max_element / 2 * sizeof(struct class_name));
    buf_init(&detections->nodes, max_element * sizeof(struct json_node));
    buf_init(&detections->category, max_element + sizeof "class_-9223372036854775808");
    buf_init(&detections->extra, max_element + 2);
}

void detections_free(struct detections *detections) {
    buf_free(&detections->image);
    buf_free(&detections->classes);
    buf_free(&detections->nodes);
    buf_free(&detections->category);
    buf_free(&detections->extra);
}

bool detections_failed(const struct detections *detections) {
    return detections->image.failed || detections->classes.failed || detections->nodes.failed ||
           detections->category.failed || detections->extra.failed;
}

/* ---- classes ----------------------------------------------------------------------------- */

/* Reads a key as an integer in Python's notation: no plus sign, no leading zeros, no -0. */
static bool read_class_id(const struct json_value *file, uint32_t key, int64_t *id) {
    enum {
        DIGITS_MAX = 18 /* always fits 64 bits */
    };
    const struct json_node *node = &file->nodes[key];
    const char *p = file->text + node->start;
    const char *end = file->text + node->end;
    bool negative = p < end && *p == '-';
    if (negative) p++;
    if (p == end || end - p > DIGITS_MAX || (*p == '0' && (negative || end - p > 1))) return false;
    for (*id = 0; p < end; p++) {
        if (*p < '0' || *p > '9') return false;
        *id = *id * 10 + (*p - '0');
    }
    if (negative) *id = -*id;
    return true;
}

/* Sorts by id. Of duplicate ids the last one in the file comes first, so that it is found. */
static int compare_classes(const void *a, const void *b) {
    const struct class_name *x = a;
    const struct class_name *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return x->node > y->node ? -1 : x->node < y->node;
}

static void read_classes(struct detections *detections) {
    const struct json_value *file = detections->file;
    uint32_t list = json_member(file, 0, "categories");
    struct buf *classes = &detections->classes;
    buf_reset(classes);
    if (!list || file->nodes[list].type != JSON_OBJECT) return;
    for (uint32_t key = list + 1; key < file->nodes[list].next; key = file->nodes[key + 1].next) {
        struct class_name name = {.node = key + 1};
        if (file->nodes[key + 1].type != JSON_STRING || !read_class_id(file, key, &name.id))
            continue;
        buf_put(classes, &name, sizeof name);
    }
    size_t count = classes->len / sizeof(struct class_name);
    if (count > 1) qsort(classes->data, count, sizeof(struct class_name), compare_classes);
}

/* Returns the node of the name of this class; 0 if it has none. */
static uint32_t find_class(const struct detections *detections, int64_t id) {
    const void *data = detections->classes.data;
    const struct class_name *classes = data;
    size_t count = detections->classes.len / sizeof *classes;
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (classes[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && classes[low].id == id ? classes[low].node : 0;
}

static bool name_class(struct detections *detections, int64_t id, struct skip *skip) {
    uint32_t node = find_class(detections, id);
    buf_reset(&detections->category);
    if (!node) {
        buf_printf(&detections->category, "class_%" PRId64, id);
        return true;
    }
    /* Any number of rows may have this name, so a long one is not unescaped for each of them. */
    if (json_raw(detections->file, node).len > JSON_ESCAPED_MAX * CATEGORY_NAME_MAX + 2) {
        return skip_row(skip, SKIP_NAME_TOO_LONG, "the name of a class is longer than %d bytes",
                        CATEGORY_NAME_MAX);
    }
    if (!json_unescape(detections->file, node, &detections->category)) {
        return skip_row(skip, SKIP_WRONG_TYPE,
                        "the name of a class holds U+0000 or a lone surrogate");
    }
    return fields_name_fits(buf_slice(&detections->category), CATEGORY_NAME_MAX,
                            "the name of a class", skip);
}

/* ---- the file ---------------------------------------------------------------------------- */

static bool read_image(struct detections *detections, struct skip *skip) {
    const struct json_value *file = detections->file;
    uint32_t name = json_member(file, 0, "filename");
    buf_reset(&detections->image);
    if (!name || file->nodes[name].type != JSON_STRING ||
        !json_unescape(file, name, &detections->image)) {
        return skip_row(skip, SKIP_INVALID_FILE, "filename is missing or not a string");
    }
    return fields_name_fits(buf_slice(&detections->image), FILE_NAME_MAX, "filename", skip);
}

bool detections_open(struct detections *detections, const struct json_value *file,
                     struct skip *skip) {
    detections->file = file;
    detections->next = detections->end = 0;
    if (file->nodes[0].type != JSON_OBJECT) {
        return skip_row(skip, SKIP_INVALID_FILE, "the file is %s, not an object",
                        json_type_name(file->nodes[0].type));
    }
    uint32_t list = json_member(file, 0, "annotations");
    if (!list || file->nodes[list].type != JSON_ARRAY) {
        return skip_row(skip, SKIP_INVALID_FILE, "annotations is missing or not an array");
    }
    if (!read_image(detections, skip)) return false;
    read_classes(detections);
    detections->next = list + 1;
    detections->end = file->nodes[list].next;
    return true;
}

/* ---- an annotation ----------------------------------------------------------------------- */

enum {
    BBOX,
    CONFIDENCE,
    CLASS_ID,
    FIELD_COUNT
};

static const struct field_name names[FIELD_COUNT] = {
    [BBOX] = FIELD("bbox"),
    [CONFIDENCE] = FIELD("confidence"),
    [CLASS_ID] = FIELD("class_id"),
};

static bool read_side(const struct json_value *object, uint32_t bbox, const char *name, double *out,
                      struct skip *skip) {
    uint32_t node = json_member(object, bbox, name);
    if (!node) return skip_row(skip, SKIP_INVALID_BBOX, "bbox has no %s", name);
    switch (numeral_double(object, node, out)) {
    case NUMBER_OK:
        return true;
    case NUMBER_OUT_OF_RANGE:
        return skip_row(skip, SKIP_OUT_OF_RANGE, "%s of bbox does not fit a double", name);
    case NUMBER_NON_FINITE:
        return skip_row(skip, SKIP_NON_FINITE, "%s of bbox is not finite", name);
    default:
        return skip_row(skip, SKIP_INVALID_BBOX, "%s of bbox is %s, not a number", name,
                        json_type_name(object->nodes[node].type));
    }
}

static bool read_box(const struct fields *fields, struct bbox *bbox, struct skip *skip) {
    const struct json_value *object = fields->object;
    uint32_t node = fields->node[BBOX];
    if (!fields_has(fields, BBOX)) {
        return fields_missing(fields, BBOX, skip);
    }
    if (object->nodes[node].type != JSON_OBJECT) {
        return skip_row(skip, SKIP_WRONG_TYPE, "bbox is %s, not an object",
                        json_type_name(object->nodes[node].type));
    }
    return read_side(object, node, "x", &bbox->x, skip) &&
           read_side(object, node, "y", &bbox->y, skip) &&
           read_side(object, node, "w", &bbox->w, skip) &&
           read_side(object, node, "h", &bbox->h, skip) &&
           ((bbox->w >= 0 && bbox->h >= 0) ||
            skip_row(skip, SKIP_INVALID_BBOX, "bbox has a negative width or height"));
}

static bool read_annotation(struct detections *detections, const struct json_value *element,
                            struct annotation *annotation, struct skip *skip) {
    struct fields fields;
    int64_t class_id;
    buf_reset(&detections->extra);
    if (!fields_read(&fields, element, names, FIELD_COUNT, &detections->extra, skip) ||
        !fields_int64(&fields, CLASS_ID, &class_id, skip) ||
        !name_class(detections, class_id, skip) || !read_box(&fields, &annotation->bbox, skip) ||
        !fields_double(&fields, CONFIDENCE, &annotation->confidence, skip)) {
        return false;
    }
    annotation->has_confidence = true;
    return true;
}

bool detections_read_next(struct detections *detections, struct detection_row *row,
                          struct skip *skip) {
    struct json_value element;
    uint32_t node = detections->next;
    *row = (struct detection_row){.offset = 0};
    detections->next = detections->file->nodes[node].next;
    if (!json_part(detections->file, node, &detections->nodes, &element)) {
        return skip_row(skip, SKIP_INVALID_FILE, "out of memory"); /* see detections_failed() */
    }
    row->offset = element.offset;
    if (!read_annotation(detections, &element, &row->annotation, skip)) return false;
    row->image = buf_slice(&detections->image);
    row->category = buf_slice(&detections->category);
    if (detections->extra.len > 0) row->annotation.extra = buf_slice(&detections->extra);
    return true;
}

bool detection_scale(struct annotation *annotation, const struct picture *picture,
                     struct skip *skip) {
    struct bbox *bbox = &annotation->bbox;
    if (picture->width <= 0 || picture->height <= 0) {
        return skip_row(skip, SKIP_MISSING_FIELD, "the image's width or height is not known");
    }
    *bbox = (struct bbox){bbox->x * picture->width, bbox->y * picture->height,
                          bbox->w * picture->width, bbox->h * picture->height};
    annotation->area = bbox->w * bbox->h;
    annotation->has_area = true;
    return (isfinite(bbox->x) && isfinite(bbox->y) && isfinite(annotation->area)) ||
           skip_row(skip, SKIP_OUT_OF_RANGE, "bbox in pixels does not fit a double");
}

/* ---- the name of its run ----------------------------------------------------------------- */

/* Returns the length of the date (YYYY-MM-DD) at the start of a text; 0 if there is none. */
static size_t date_len(const char *text, size_t len) {
    static const char pattern[] = "0000-00-00";
    size_t date = sizeof pattern - 1;
    if (len < date) return 0;
    for (size_t i = 0; i < date; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (pattern[i] == '0' ? !digit : text[i] != pattern[i]) return 0;
    }
    return date;
}

bool detection_run_name(const struct json_value *file, struct buf *into) {
    const struct json_node *nodes = file->nodes;
    uint32_t info = json_member(file, 0, "info");
    uint32_t source = info ? json_member(file, info, "annotations_source") : 0;
    uint32_t created = info ? json_member(file, info, "created_at") : 0;
    if (!source || nodes[source].type != JSON_STRING) return false;
    if (!json_unescape(file, source, into) || into->len == 0) return false;
    if (!created || nodes[created].type != JSON_STRING) return true;
    const char *text = file->text + nodes[created].start;
    size_t len = date_len(text, nodes[created].end - nodes[created].start);
    if (len > 0) buf_put_char(into, '_');
    buf_put(into, text, len);
    return !into->failed;
}
