/*
 * A body that is no file but names one of the server's own:
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
    FORMAT_COCO,                /* whatever an upload may be; when nothing is said */
    FORMAT_DETECTION_ANNOTATION /* a directory */
};

struct import_request {
    char path[PATH_MAX];
    enum import_format format;
    char run_name[128]; /* "" when it names none */
};

/* *is_request: the whole body is an object with prediction_path and without annotations; anything
 * else is a file of results. ERR_BAD_REQUEST when it is one that cannot be understood: another
 * member, a path that is empty, too long, or no text. */
bool import_request_read(struct import_request *request, const char *body, size_t len,
                         bool *is_request, struct err *err);

#endif
