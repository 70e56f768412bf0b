/*
 * A body that names a file of the server instead of being a file:
 *
 *     {"prediction_path": "yolo/results.json", "format": "coco", "run_name": "x"}
 */
#ifndef PGCOCO_API_IMPORT_REQUEST_H
#define PGCOCO_API_IMPORT_REQUEST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum import_format {
    FORMAT_COCO,                /* any file that can be uploaded; the default */
    FORMAT_DETECTION_ANNOTATION /* a directory */
};

struct import_request {
    char path[PATH_MAX];
    enum import_format format;
    char run_name[128]; /* "" if not given */
};

/* Reads such a body. *is_request is true if the whole body is one object with prediction_path and
 * without annotations; anything else is a results file. ERR_BAD_REQUEST if the object has other
 * members, or if the path is empty, too long, or not a string. */
bool import_request_read(struct import_request *request, const char *body, size_t len,
                         bool *is_request, struct err *err);

#endif
