/* Measures and decodes a segmentation that is JSON text. */
#ifndef PGCOCO_TESTS_FUZZ_MASKS_H
#define PGCOCO_TESTS_FUZZ_MASKS_H

#include "fuzz.h"

#include "base/text_source.h"
#include "coco/rle.h"
#include "coco/run_ends.h"
#include "json/document.h"
#include "json/parser.h"

/* Returns false with *skip filled if the segmentation is refused, also for the size of `crossings`,
 * which NULL stands for: polygons are then not measured. The text must be JSON. */
static inline bool fuzz_measure(struct buf *text, struct picture picture,
                                struct crossings *crossings, struct mask *mask, struct skip *skip) {
    const struct json_limits limits = fuzz_limits();
    struct text_source source;
    struct document document;
    struct json_value value;
    struct buf scratch;
    struct err err;
    fuzz_require(!text->failed);
    text_source_init(&source, text->data, text->len);
    buf_init(&scratch, text->len);
    fuzz_require(document_open(&document, &source.reader, &limits, &err));
    fuzz_require(document_value(&document, &value, &err));
    bool good = rle_read(&value, 0, &picture, &scratch, mask, skip);
    if (good && crossings && mask->kind == MASK_POLYGONS) {
        good = rle_measure_polygons(&value, 0, &picture, crossings, mask, skip);
    }
    document_close(&document);
    buf_free(&scratch);
    if (!good) fuzz_require_skip(skip);
    return good;
}

/* Decodes a segmentation that rle_read takes. `ends` belongs to the caller. */
static inline void fuzz_decode(struct buf *text, struct picture picture, struct run_ends *ends,
                               enum mask_kind due) {
    struct json_parser parser;
    struct json_value value;
    struct err err;
    struct skip skip;
    enum mask_kind kind;
    json_parser_init(&parser, 16);
    fuzz_require(json_parser_read(&parser, (struct slice){text->data, text->len}, &value, &err));
    fuzz_require(run_ends_read(ends, &value, 0, &picture, &kind, &skip));
    fuzz_require(kind == due);
    json_parser_free(&parser);
}

static inline void fuzz_require_measures(const struct mask *mask, const struct mask *due) {
    fuzz_require(mask->kind == due->kind);
    fuzz_require(mask->area == due->area);
    fuzz_require(mask->bbox.x == due->bbox.x && mask->bbox.y == due->bbox.y);
    fuzz_require(mask->bbox.w == due->bbox.w && mask->bbox.h == due->bbox.h);
}

#endif
