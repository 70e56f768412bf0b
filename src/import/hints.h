/*
 * Hints at what may be wrong with a file whose rows are valid one by one: categories that count
 * from another number, boxes that are not [x, y, width, height] in pixels, images of another split.
 * Counts while rows pass, and judges at the end.
 */
#ifndef PGCOCO_IMPORT_HINTS_H
#define PGCOCO_IMPORT_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "coco/annotation.h"
#include "import/skips.h"

/* How boxes of one unit lie in their images. */
struct box_counts {
    uint64_t boxes;
    uint64_t outside; /* end to the right of their image, or below it */
    uint64_t far_out; /* ... by half its width or height */
    /* Those that cannot be read as [x1, y1, x2, y2], or as [centre x, centre y, width, height],
     * because they would lie outside of their image then, or have no size. */
    uint64_t no_corners;
    uint64_t no_centre;
};

struct hints {
    /* Rows of unknown categories that a category_offset lower, or higher, by 1 would make known. */
    uint64_t off_by_one[2];
    bool loses_known[2];      /* ... while it would make other categories of rows unknown */
    bool unknown_are_numbers; /* the first unknown images are numbers in file names */
    uint64_t boxes;           /* of all images */
    struct box_counts pixels; /* of images whose size is known */
    struct box_counts shares; /* boxes between 0 and 1, as shares of any image */
};

enum {
    HINT_ROOM = 320 /* bytes */
};

/* Counts a box that the file gave. picture: its image; 0 for a side that is not known. */
void hints_count_box(struct hints *hints, const struct bbox *bbox, const struct picture *picture);

/* What else is known of a file: its rows, or annotations, and what became of them. */
struct hints_file {
    const struct skips *skips;
    uint64_t offered;
    int32_t category_offset;
};

/* Writes the hints, separated by "; ", or "". Those that do not fit are left out. */
void hints_write(const struct hints *hints, const struct hints_file *file, char *into, size_t room);

#endif
