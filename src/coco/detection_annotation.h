/*
 * A detection_annotation file: the boxes that a detector found in one image, in parts of its width and height, the
 * image by its file name and the classes by numbers that the file itself gives names to.
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

/* One file, and room for what is made of it; used again for the next. */
struct detections {
    const struct json_value *file;
    uint32_t next;      /* node of the annotation that comes next */
    uint32_t end;       /* the node behind the last */
    struct buf image;   /* its file name */
    struct buf classes; /* struct class_name, by id */
    struct buf nodes;   /* of the present annotation */
    struct buf category;
    struct buf extra;
};

/* One annotation. What it points to is valid until the next is read. */
struct detection_row {
    struct slice image; /* names */
    struct slice category;
    struct annotation annotation; /* without ids; its box in parts of the picture */
    uint64_t offset;              /* byte of the file */
};

/* max_element: bytes of a file at the most. detections_free is due. */
void detections_init(struct detections *detections, size_t max_element);
void detections_free(struct detections *detections);

/* Whether memory has run out; what was read since is not to be used. */
bool detections_failed(const struct detections *detections);

/* Begins with a file, which must outlive the reading of its rows. invalid_file when it is no such file. */
bool detections_open(struct detections *detections, const struct json_value *file,
                     struct skip *skip);

static inline bool detections_has_next(const struct detections *detections) {
    return detections->next < detections->end;
}

/* Reads the next annotation; false with *skip filled when it cannot be taken, and *row then has its offset only. A
 * class without a name is called class_<id>. */
bool detections_read_next(struct detections *detections, struct detection_row *row,
                          struct skip *skip);

/* From parts of the picture to pixels, and the area. missing_field when the picture's size is not known. */
bool detection_scale(struct annotation *annotation, const struct picture *picture,
                     struct skip *skip);

/* Appends what the file says about where it comes from, `source_2026-02-14`, the date only if it has one. False when
 * it says nothing. */
bool detection_run_name(const struct json_value *file, struct buf *into);

#endif
