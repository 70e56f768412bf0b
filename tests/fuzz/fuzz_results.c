/*
 * A row of a results file is taken with finite numbers and whole JSON, or skipped for a reason.
 * Written anew, a row that was taken is taken again, and is the same to the bit.
 */
#include "rows.h"

#include <inttypes.h>

#include "coco/results.h"

enum {
    SCRATCH = 1 << 20,
    CROSSINGS = 1 << 10 /* costly outlines are refused early */
};

struct reading {
    struct buf extra;
    struct buf scratch;
    struct crossings crossings;
    struct buf again;
    struct picture picture;
    bool match_name;
    bool is_again; /* `again` is being read */
    struct annotation due;
};

static bool read_row(struct reading *reading, const struct json_value *element,
                     struct results_row *row, struct annotation *annotation) {
    struct skip skip = {.reason = SKIP_REASONS};
    *row = (struct results_row){.match_name = reading->match_name,
                                .extra = &reading->extra,
                                .scratch = &reading->scratch,
                                .crossings = &reading->crossings};
    *annotation = (struct annotation){0};
    bool good = results_read_ids(row, element, annotation, &skip);
    bool by_name = good && (row->image.data || row->category.data);
    if (by_name) {
        fuzz_require_text(row->image);
        fuzz_require_text(row->category);
    }
    good = good && results_read_shape(row, &reading->picture, annotation, &skip);
    if (!good) fuzz_require_skip(&skip);
    return good && !by_name;
}

static void require_same(const struct annotation *a, const struct annotation *b) {
    fuzz_require(a->image_id == b->image_id && a->category_id == b->category_id);
    fuzz_require(fuzz_bits(a->bbox.x) == fuzz_bits(b->bbox.x) &&
                 fuzz_bits(a->bbox.y) == fuzz_bits(b->bbox.y));
    fuzz_require(fuzz_bits(a->bbox.w) == fuzz_bits(b->bbox.w) &&
                 fuzz_bits(a->bbox.h) == fuzz_bits(b->bbox.h));
    fuzz_require(fuzz_bits(a->area) == fuzz_bits(b->area));
    fuzz_require(fuzz_bits(a->confidence) == fuzz_bits(b->confidence));
}

static void write_row(const struct annotation *row, struct buf *into) {
    buf_reset(into);
    buf_printf(into, "[{\"image_id\":%" PRId64 ",\"category_id\":%" PRId32, row->image_id,
               row->category_id);
    buf_printf(into, ",\"bbox\":[%.17g,%.17g,%.17g,%.17g],\"score\":%.17g", row->bbox.x,
               row->bbox.y, row->bbox.w, row->bbox.h, row->confidence);
    if (row->segmentation.data) {
        buf_put_text(into, ",\"segmentation\":");
        buf_put(into, row->segmentation.data, row->segmentation.len);
    }
    if (row->keypoints.data) {
        buf_put_text(into, ",\"keypoints\":");
        buf_put(into, row->keypoints.data, row->keypoints.len);
    }
    buf_put_text(into, "}]");
    fuzz_require(!into->failed);
}

static void check_row(const struct json_value *element, void *self) {
    struct reading *reading = self;
    struct results_row row;
    struct annotation annotation;
    bool taken = read_row(reading, element, &row, &annotation);
    if (reading->is_again) {
        fuzz_require(taken);
        require_same(&annotation, &reading->due);
    }
    if (!taken || reading->is_again) return;
    fuzz_require_annotation(&annotation);
    fuzz_require(annotation.has_confidence && annotation.has_area);
    if (annotation.bbox_derived) return; /* of a mask, whose area is not that of the box */
    reading->is_again = true;
    reading->due = annotation;
    write_row(&annotation, &reading->again);
    fuzz_each_row((const uint8_t *)reading->again.data, reading->again.len, check_row, reading);
    reading->is_again = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t seed = fuzz_seed(data, size);
    struct reading reading = {.match_name = random_below(&seed, 2)};
    if (random_below(&seed, 2)) reading.picture = (struct picture){.width = 640, .height = 480};
    buf_init(&reading.extra, SCRATCH);
    buf_init(&reading.scratch, SCRATCH);
    crossings_init(&reading.crossings, NULL);
    reading.crossings.max = CROSSINGS;
    buf_init(&reading.again, SCRATCH);
    fuzz_each_row(data, size, check_row, &reading);
    buf_free(&reading.extra);
    buf_free(&reading.scratch);
    crossings_free(&reading.crossings);
    buf_free(&reading.again);
    return 0;
}
