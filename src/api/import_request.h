/*
 * A body that names a file of the server instead of being one:
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
    FORMAT_COCO,                /* any file that an upload may be; the default */
    FORMAT_DETECTION_ANNOTATION /* a directory */
};

struct import_request {
    char path[PATH_MAX];
    enum import_format format;
    char run_name[128]; /* "": not given */
};

/* Sets *is_request when the whole body is one object with prediction_path and without annotations;
 * anything else is a file of results. ERR_BAD_REQUEST for a request with another member, or a path
 * that is empty, too long, or not a text. */
bool import_request_read(struct import_request *request, const char *body, size_t len,
                         bool *is_request, struct err *err);

#endif
