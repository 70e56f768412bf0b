/*
 * A detection_annotation file gives one row or one skip for each of its annotations. Boxes become
 * pixels that are finite, or the row is skipped.
 */
#include "rows.h"

#include "coco/detection_annotation.h"

enum {
    MAX_ELEMENT = 1 << 20
};

static void check_pixels(struct annotation *annotation) {
    static const struct picture picture = {.width = 640, .height = 480};
    static const struct picture unknown = {0};
    struct annotation scaled = *annotation;
    struct skip skip = {.reason = SKIP_REASONS};
    fuzz_require_annotation(annotation);
    if (detection_scale(&scaled, &picture, &skip)) {
        fuzz_require_annotation(&scaled);
        fuzz_require(scaled.has_area && scaled.area >= 0);
    } else {
        fuzz_require_skip(&skip);
    }
    fuzz_require(!detection_scale(annotation, &unknown, &skip));
    fuzz_require(skip.reason == SKIP_MISSING_FIELD);
}

static void check_rows(struct detections *detections, size_t size) {
    uint64_t last = 0;
    while (detections_has_next(detections)) {
        struct detection_row row;
        struct skip skip = {.reason = SKIP_REASONS};
        bool taken = detections_read_next(detections, &row, &skip);
        fuzz_require(row.offset > last && row.offset < size);
        last = row.offset;
        if (!taken) {
            fuzz_require_skip(&skip);
            continue;
        }
        fuzz_require_text(row.image);
        fuzz_require_text(row.category);
        fuzz_require(row.annotation.has_confidence);
        check_pixels(&row.annotation);
    }
}

static void check_file(const struct json_value *file, size_t size) {
    struct detections detections;
    struct skip skip = {.reason = SKIP_REASONS};
    struct buf name;
    detections_init(&detections, MAX_ELEMENT);
    buf_init(&name, MAX_ELEMENT);
    if (detections_open(&detections, file, &skip)) {
        check_rows(&detections, size);
    } else {
        fuzz_require_skip(&skip);
    }
    if (detection_run_name(file, &name)) fuzz_require_text(buf_slice(&name));
    fuzz_require(!detections_failed(&detections));
    buf_free(&name);
    detections_free(&detections);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct json_limits limits = fuzz_limits();
    struct text_source source;
    struct document document;
    struct json_value value;
    struct err err;
    text_source_init(&source, (const char *)data, size);
    if (document_open(&document, &source.reader, &limits, &err) &&
        document_value(&document, &value, &err)) {
        check_file(&value, size);
    }
    document_close(&document);
    return 0;
}
