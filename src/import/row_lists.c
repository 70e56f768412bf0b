/* Where the rows of a results file lie: see row_lists.h. */
#include "import/row_lists.h"

#include <stddef.h>

static const char *const lists[] = {"annotations", "predictions", "results", "detections", NULL};

/* What a row has, and an object that holds the rows of an image has not. */
static const char *const only_in_rows[] = {"category_id", "category_name", "bbox", "score", NULL};

const char *row_lists_name(const struct json_value *value, uint32_t key) {
    for (const char *const *name = lists; *name; name++) {
        if (json_equals(value, key, *name)) return *name;
    }
    return NULL;
}

static bool has_any(const struct json_value *object, const char *const *names) {
    for (; *names; names++) {
        if (json_member(object, 0, *names)) return true;
    }
    return false;
}

bool row_lists_find_image(const struct json_value *element, struct image_rows *found) {
    const struct json_node *nodes = element->nodes;
    *found = (struct image_rows){.list = 0};
    if (nodes[0].type != JSON_OBJECT || has_any(element, only_in_rows)) return false;
    for (uint32_t key = 1; key < nodes[0].next; key = nodes[key + 1].next) {
        const char *name = row_lists_name(element, key);
        enum json_type type = nodes[key + 1].type;
        if (!name || (type != JSON_ARRAY && type != JSON_NULL)) continue;
        bool rows_before = found->name && nodes[found->list].type == JSON_ARRAY;
        if (rows_before && type == JSON_NULL) continue;
        if (rows_before) found->second = found->name;
        found->name = name;
        found->list = key + 1;
    }
    return found->name != NULL;
}

bool row_lists_is_row(const struct json_value *element) {
    static const char *const names[] = {"score", "bbox", "segmentation", "keypoints", "poly",
                                        "rbox",  NULL};
    return has_any(element, names);
}

static bool has_array(const struct json_value *object) {
    const struct json_node *nodes = object->nodes;
    for (uint32_t key = 1; key < nodes[0].next; key = nodes[key + 1].next) {
        if (nodes[key + 1].type == JSON_ARRAY) return true;
    }
    return false;
}

enum outermost row_lists_outermost(const struct json_value *object, bool more) {
    static const char *const of_images[] = {"image_id", "file_name", NULL};
    bool image = has_any(object, of_images);
    if (has_any(object, lists)) {
        bool images = json_member(object, 0, "images");
        return images || (!image && !more) ? OUTERMOST_WHOLE : OUTERMOST_LINE;
    }
    bool line = more || image || has_any(object, only_in_rows) || !has_array(object);
    return line ? OUTERMOST_LINE : OUTERMOST_WHOLE;
}
