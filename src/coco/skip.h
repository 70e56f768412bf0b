/* Why a row is not taken: content decides row by row, and each row left out has a reason. */
#ifndef PGCOCO_COCO_SKIP_H
#define PGCOCO_COCO_SKIP_H

#include <stdbool.h>

enum skip_reason {
    SKIP_UNKNOWN_CATEGORY,
    SKIP_UNKNOWN_IMAGE,
    SKIP_MISSING_FIELD,
    SKIP_WRONG_TYPE,
    SKIP_NON_FINITE,
    SKIP_INVALID_BBOX,
    SKIP_OUT_OF_RANGE,
    SKIP_DUPLICATE_ID,
    SKIP_INVALID_SEGMENTATION,
    SKIP_INVALID_KEYPOINTS,
    SKIP_INVALID_FILE, /* one of several that make a run */
    SKIP_REASONS       /* how many there are */
};

struct skip {
    enum skip_reason reason;
    char detail[160]; /* for a person; holds numbers and field names only, no text of the body */
};

/* "unknown_category" …: constant. */
const char *skip_slug(enum skip_reason reason);

/* The reason with this slug; false when there is none. */
bool skip_from_slug(const char *slug, enum skip_reason *reason);

/* Fills *skip; returns false, so that `return skip_row(...)` reads as what it is. */
bool skip_row(struct skip *skip, enum skip_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
