/*
 * A detection_annotation file: the boxes that a detector found in one image, as fractions of its
 * width and height. The file names its image by file name, and its classes by numbers that
 * `categories` maps to names.
 *
 *     {"filename": "a.jpg", "categories": {"1": "person"}, "annotations":
 *      [{"bbox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}, "confidence": 0.9, "class_id": 1}]}
 */
#ifndef PGCOCO_COCO_DETECTION_ANNOTATION_H
#define PGCOCO_COCO_DETECTION_ANNOTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "coco/annotation.h"
#include "coco/skip.h"
#include "json/value.h"

/* One file and the memory for its rows; reused for the next file. */
struct detections {
    const struct json_value *file;
    uint32_t next;      /* node of the next annotation */
    uint32_t end;       /* one past the last annotation */
    struct buf image;   /* file name, unescaped */
    struct buf classes; /* struct class_name, sorted by id */
    struct buf nodes;   /* of the current annotation */
    struct buf category;
    struct buf extra;
};

/* One annotation. It points into struct detections and is valid until the next call. */
struct detection_row {
    struct slice image;           /* file name */
    struct slice category;        /* name */
    struct annotation annotation; /* without ids; bbox in fractions of the image */
    uint64_t offset;              /* of the annotation in the file, in bytes */
};

/* max_element: the largest file in bytes. Call detections_free in any case. */
void detections_init(struct detections *detections, size_t max_element);
void detections_free(struct detections *detections);

/* True if memory ran out. Rows read since then are incomplete. */
bool detections_failed(const struct detections *detections);

/* Starts reading a file; `file` must stay valid until its last row is read. If the value is not a
 * detection_annotation file, fills *skip (invalid_file, name_too_long) and returns false. */
bool detections_open(struct detections *detections, const struct json_value *file,
                     struct skip *skip);

static inline bool detections_has_next(const struct detections *detections) {
    return detections->next < detections->end;
}

/* Reads the next annotation. A class without a name is called class_<id>. If the row cannot be
 * taken, fills *skip and returns false; of *row only `offset` is then valid. */
bool detections_read_next(struct detections *detections, struct detection_row *row,
                          struct skip *skip);

/* Converts the box from fractions of the image to pixels and sets the area. If the size of the
 * image is not known, fills *skip (missing_field) and returns false. */
bool detection_scale(struct annotation *annotation, const struct picture *picture,
                     struct skip *skip);

/* Appends a run name from the file's `info`: annotations_source, then `_` and the date of
 * created_at if there is one (`source_2026-02-14`). False if there is no annotations_source, or no
 * memory. */
bool detection_run_name(const struct json_value *file, struct buf *into);

#endif
