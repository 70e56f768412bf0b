/* The reasons to skip a row: see skip.h. */
#include "coco/skip.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const slugs[SKIP_REASONS] = {
    [SKIP_UNKNOWN_CATEGORY] = "unknown_category",
    [SKIP_UNKNOWN_IMAGE] = "unknown_image",
    [SKIP_MISSING_FIELD] = "missing_field",
    [SKIP_WRONG_TYPE] = "wrong_type",
    [SKIP_NON_FINITE] = "non_finite",
    [SKIP_INVALID_BBOX] = "invalid_bbox",
    [SKIP_OUT_OF_RANGE] = "out_of_range",
    [SKIP_NAME_TOO_LONG] = "name_too_long",
    [SKIP_DUPLICATE_ID] = "duplicate_id",
    [SKIP_INVALID_SEGMENTATION] = "invalid_segmentation",
    [SKIP_INVALID_KEYPOINTS] = "invalid_keypoints",
    [SKIP_INVALID_FILE] = "invalid_file",
};

const char *skip_slug(enum skip_reason reason) {
    return slugs[reason];
}

bool skip_from_slug(const char *slug, enum skip_reason *reason) {
    for (int i = 0; i < SKIP_REASONS; i++) {
        if (strcmp(slugs[i], slug) == 0) {
            *reason = (enum skip_reason)i;
            return true;
        }
    }
    return false;
}

bool skip_row(struct skip *skip, enum skip_reason reason, const char *format, ...) {
    va_list args;
    va_start(args, format);
    skip->reason = reason;
    vsnprintf(skip->detail, sizeof skip->detail, format, args);
    va_end(args);
    return false;
}
