/* Why a row is skipped: rows are judged one by one, and each skipped row has a reason. */
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
    SKIP_NAME_TOO_LONG,
    SKIP_DUPLICATE_ID,
    SKIP_INVALID_SEGMENTATION,
    SKIP_INVALID_KEYPOINTS,
    SKIP_INVALID_FILE, /* one file of a run that consists of several */
    SKIP_REASONS       /* the number of reasons */
};

struct skip {
    enum skip_reason reason;
    char detail[200]; /* a sentence; text of the file is made fit for it (base/shown) */
};

/* Returns the name that users see, such as "unknown_category". The string is constant. */
const char *skip_slug(enum skip_reason reason);

/* Finds the reason with this name; false if there is none. */
bool skip_from_slug(const char *slug, enum skip_reason *reason);

/* Fills *skip and returns false, so that callers can write `return skip_row(...)`. */
bool skip_row(struct skip *skip, enum skip_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
