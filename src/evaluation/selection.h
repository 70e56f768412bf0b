/* The part of the objects that numbers are made of: a slice of the images, some of the classes. */
#ifndef PGCOCO_EVALUATION_SELECTION_H
#define PGCOCO_EVALUATION_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

struct selection {
    const bool *images;     /* by index in objects->image_ids; NULL: all */
    const bool *categories; /* by index in objects->category_ids; NULL: all */
};

static inline bool selection_has_image(const struct selection *selection, uint32_t image) {
    return !selection || !selection->images || selection->images[image];
}

static inline bool selection_has_category(const struct selection *selection, uint32_t category) {
    return !selection || !selection->categories || selection->categories[category];
}

#endif
