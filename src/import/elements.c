/* The elements of a results file: see elements.h. */
#include "import/elements.h"

#include "import/row_ids.h"
#include "import/row_lists.h"

void elements_init(struct elements *elements, struct run_rows *rows) {
    *elements = (struct elements){.rows = rows};
    buf_init(&elements->nodes, rows->load->limits.max_element * sizeof(struct json_node));
}

void elements_free(struct elements *elements) {
    buf_free(&elements->nodes);
}

bool elements_refuse_two_lists(const struct document *document, const char *first,
                               const char *second, struct err *err) {
    return document_refuse(document, document->window.cursor, err,
                           "there are rows in \"%s\" and in \"%s\"; keep one of both", first,
                           second);
}

/* Loads the rows of an element that holds those of one image. */
static bool add_image(struct elements *elements, const struct json_value *element,
                      const struct image_rows *image, struct err *err) {
    struct run_rows *rows = elements->rows;
    const struct image_around before = rows->around;
    if (image->second) {
        return elements_refuse_two_lists(&rows->load->document, image->second, image->name, err);
    }
    if (element->nodes[image->list].type == JSON_NULL) return true;
    bool good = row_ids_enter(rows, element, err);
    uint32_t end = element->nodes[image->list].next;
    for (uint32_t node = image->list + 1; good && node < end; node = element->nodes[node].next) {
        struct json_value row;
        good = json_part(element, node, &elements->nodes, &row)
                   ? run_rows_add(rows, &row, err)
                   : err_set(err, ERR_BUSY, "out of memory for a row");
    }
    row_ids_leave(rows, &before);
    return good;
}

/* In a file of rows nothing is spent on the question whether an element is one. */
bool elements_add(struct elements *elements, const struct json_value *element, struct err *err) {
    struct image_rows image;
    struct skip skip;
    bool taken;
    if (elements->nested && row_lists_find_image(element, &image)) {
        return add_image(elements, element, &image, err);
    }
    if (!run_rows_take(elements->rows, element, &taken, &skip, err)) return false;
    if (taken) return true;
    if (row_lists_find_image(element, &image)) {
        elements->nested = true;
        return add_image(elements, element, &image, err);
    }
    run_rows_refuse(elements->rows, element, &skip);
    return true;
}

bool elements_load(struct elements *elements, struct err *err) {
    struct load *load = elements->rows->load;
    bool more = true;
    while (more && !copy_failed(&load->copy)) {
        struct json_value element;
        if (!document_next_element(&load->document, &element, &more, err)) return false;
        if (more && !elements_add(elements, &element, err)) return false;
    }
    return true;
}
