/*
 * Each element of a ground-truth file is read as an image, a category and an annotation: taken with
 * finite numbers, valid text and whole JSON, or skipped for a reason; the same when read again.
 */
#include "rows.h"

#include "coco/dataset.h"

enum {
    MAX_ELEMENT = 1 << 20
};

static void check_image(const struct json_value *element, struct dataset_scratch *scratch) {
    struct image row;
    struct image again;
    struct skip skip = {.reason = SKIP_REASONS};
    if (!dataset_read_image(element, &row, scratch, &skip)) {
        fuzz_require_skip(&skip);
        return;
    }
    fuzz_require_text(row.file_name);
    if (row.extra.data) fuzz_require_json(row.extra, JSON_OBJECT);
    fuzz_require(dataset_read_image(element, &again, scratch, &skip));
    fuzz_require(again.has_number == row.has_number && again.text_id.len == row.text_id.len);
    fuzz_require(!row.has_number || again.image_id == row.image_id);
    fuzz_require(again.file_name.len == row.file_name.len);
    fuzz_require(again.has_width == row.has_width && again.has_height == row.has_height);
    fuzz_require(!row.has_width || again.width == row.width);
    fuzz_require(!row.has_height || again.height == row.height);
}

static void check_category(const struct json_value *element, struct dataset_scratch *scratch) {
    struct category row;
    struct skip skip = {.reason = SKIP_REASONS};
    if (!dataset_read_category(element, &row, scratch, &skip)) {
        fuzz_require_skip(&skip);
        return;
    }
    fuzz_require_text(row.name);
    fuzz_require_text(row.supercategory);
    if (row.extra.data) fuzz_require_json(row.extra, JSON_OBJECT);
}

static void check_annotation(const struct json_value *element, struct dataset_scratch *scratch) {
    struct dataset_annotation annotation;
    struct skip skip = {.reason = SKIP_REASONS};
    if (!dataset_read_annotation(element, false, &annotation, scratch, &skip)) {
        fuzz_require_skip(&skip);
        return;
    }
    fuzz_require(!annotation.row.has_confidence);
    fuzz_require_annotation(&annotation.row);
}

static void check_row(const struct json_value *element, void *self) {
    struct dataset_scratch *scratch = self;
    check_image(element, scratch);
    check_category(element, scratch);
    check_annotation(element, scratch);
    fuzz_require(!dataset_scratch_failed(scratch));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dataset_scratch scratch;
    dataset_scratch_init(&scratch, MAX_ELEMENT);
    fuzz_each_row(data, size, check_row, &scratch);
    dataset_scratch_free(&scratch);
    return 0;
}
