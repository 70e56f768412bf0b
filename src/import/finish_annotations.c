/* Measures masks and finishes annotations: see finish_annotations.h. */
#include "import/finish_annotations.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text_source.h"
#include "coco/fields.h"
#include "coco/rle.h"

enum {
    PAGE_ROWS = 1000,         /* of coco.mask_page */
    PAGE_BYTES = 1024 * 1024, /* of its masks, before the last one */
    ROW_ROOM = 256            /* bytes around a mask in a page, and of a result */
};

/* One page of masks after the other. */
struct masks {
    struct load *load;
    const char *import_id;
    struct json_limits limits; /* of an element of a page, which is a little larger */
    struct buf page;
    struct buf results;
    struct buf extra; /* of an element: stays empty */
    struct buf scratch;
    struct crossings crossings;
    int64_t last; /* place of the last mask; -1 before the first */
};

/* One row of a page. */
struct mask_row {
    int64_t place;
    bool has_box;
    struct picture picture;
    struct mask mask;
};

static void masks_init(struct masks *masks, struct load *load, const char *import_id) {
    size_t page = PAGE_BYTES + load->limits.max_element + (size_t)PAGE_ROWS * ROW_ROOM;
    *masks = (struct masks){.load = load, .import_id = import_id, .limits = load->limits};
    masks->limits.max_element += ROW_ROOM;
    masks->limits.max_tokens += 16;
    masks->limits.max_depth += 2;
    masks->last = -1;
    buf_init(&masks->page, page);
    buf_init(&masks->results, (size_t)PAGE_ROWS * ROW_ROOM);
    buf_init(&masks->extra, ROW_ROOM);
    buf_init(&masks->scratch, load->limits.max_element);
    crossings_init(&masks->crossings, load->work);
}

static void masks_free(struct masks *masks) {
    buf_free(&masks->page);
    buf_free(&masks->results);
    buf_free(&masks->extra);
    buf_free(&masks->scratch);
    crossings_free(&masks->crossings);
}

/* A size that is missing counts as 0: not known. */
static bool read_size(const struct fields *fields, size_t field, int32_t *size, struct skip *skip) {
    *size = 0;
    return !fields_has(fields, field) || fields_int32(fields, field, size, skip);
}

/* Reads a row and measures its mask. Returns false with *skip filled if it cannot be measured. */
static bool measure(struct masks *masks, const struct json_value *element, struct mask_row *row,
                    struct skip *skip) {
    enum {
        PLACE,
        HAS_BOX,
        WIDTH,
        HEIGHT,
        SEGMENTATION,
        FIELD_COUNT
    };
    static const struct field_name names[FIELD_COUNT] = {
        [PLACE] = FIELD("place"),
        [HAS_BOX] = FIELD("has_box"),
        [WIDTH] = FIELD("width"),
        [HEIGHT] = FIELD("height"),
        [SEGMENTATION] = FIELD("segmentation"),
    };
    struct fields fields;
    buf_reset(&masks->extra);
    if (!fields_read(&fields, element, names, FIELD_COUNT, &masks->extra, skip) ||
        !fields_int64(&fields, PLACE, &row->place, skip) ||
        !read_size(&fields, WIDTH, &row->picture.width, skip) ||
        !read_size(&fields, HEIGHT, &row->picture.height, skip)) {
        return false;
    }
    uint32_t mask = fields.node[SEGMENTATION];
    row->has_box = element->nodes[fields.node[HAS_BOX]].type == JSON_TRUE;
    if (!rle_read(element, mask, &row->picture, &masks->scratch, &row->mask, skip)) return false;
    if (row->mask.kind == MASK_NONE) return skip_row(skip, SKIP_MISSING_FIELD, "bbox is missing");
    return (
        row->mask.kind != MASK_POLYGONS ||
        rle_measure_polygons(element, mask, &row->picture, &masks->crossings, &row->mask, skip));
}

/* Counts a row without a box whose mask cannot be measured. */
static void skip_mask(struct load *load, const struct mask_row *row, const struct skip *skip) {
    struct skip_example example = {0};
    snprintf(example.detail, sizeof example.detail, "element %" PRId64 ": %.120s", row->place,
             skip->detail);
    skips_count(&load->skips, skip->reason, 1);
    skips_example(&load->skips, skip->reason, &example);
    load->taken--;
}

static void put_result(struct buf *into, const struct mask_row *row, bool measured) {
    const struct bbox *bbox = &row->mask.bbox;
    buf_printf(into, "%c{\"place\": %" PRId64, into->len ? ',' : '[', row->place);
    if (measured) {
        buf_printf(into, ", \"x\": %.17g, \"y\": %.17g, \"w\": %.17g, \"h\": %.17g", bbox->x,
                   bbox->y, bbox->w, bbox->h);
        buf_printf(into, ", \"area\": %.17g", row->mask.area);
    }
    buf_put_char(into, '}');
}

/* A row with a box whose mask cannot be measured keeps the area of its box, and is counted. */
static void take_element(struct masks *masks, const struct json_value *element) {
    struct mask_row row = {0};
    struct skip skip;
    bool measured = measure(masks, element, &row, &skip);
    masks->last = row.place;
    if (!measured && !row.has_box) skip_mask(masks->load, &row, &skip);
    masks->load->unmeasured += !measured && row.has_box;
    if (measured || !row.has_box) put_result(&masks->results, &row, measured);
}

static bool measure_elements(struct masks *masks, struct document *page, struct err *err) {
    bool more = true;
    if (!document_enter_array(page, err)) return false;
    while (more) {
        struct json_value element;
        if (!document_next_element(page, &element, &more, err)) return false;
        if (more) take_element(masks, &element);
        if (masks->scratch.failed || masks->crossings.failed || masks->results.failed) {
            return err_set(err, ERR_BUSY, "out of memory for a mask");
        }
    }
    return true;
}

static bool measure_page(struct masks *masks, struct err *err) {
    struct text_source source;
    struct document page;
    text_source_init(&source, buf_text(&masks->page), masks->page.len);
    bool good = document_open(&page, &source.reader, &masks->limits, err) &&
                measure_elements(masks, &page, err);
    document_close(&page);
    return good;
}

static bool keep_results(struct masks *masks, struct err *err) {
    if (masks->results.len == 0) return true;
    buf_put_char(&masks->results, ']');
    const char *params[] = {masks->import_id, buf_text(&masks->results)};
    bool good = db_execute(masks->load->db, "select coco.masks_add($1, $2)", 2, params, err);
    buf_reset(&masks->results);
    return good;
}

/* *more is false after the last page. */
static bool next_page(struct masks *masks, bool *more, struct err *err) {
    char after[24];
    const char *params[] = {masks->import_id, after};
    snprintf(after, sizeof after, "%" PRId64, masks->last);
    buf_reset(&masks->page);
    if (!progress_go_on(masks->load->progress, err) ||
        !db_document(masks->load->db, "select coco.mask_page($1, $2)", 2, params, &masks->page,
                     err)) {
        return false;
    }
    *more = masks->page.len > 0;
    return !*more || (measure_page(masks, err) && keep_results(masks, err));
}

static bool measure_masks(struct load *load, const char *import_id, struct err *err) {
    struct masks masks;
    const char *params[] = {import_id};
    bool more = true;
    masks_init(&masks, load, import_id);
    bool good = db_execute(load->db, "select coco.masks_begin($1)", 1, params, err);
    while (good && more) good = next_page(&masks, &more, err);
    masks_free(&masks);
    return good;
}

bool finish_annotations(struct load *load, const struct dataset_facts *facts, const char *import_id,
                        struct err *err) {
    const char *params[] = {import_id};
    return (facts->needing_mask == 0 || measure_masks(load, import_id, err)) &&
           load_check(load, LOAD_CHECK("coco.finish_annotations($1)"), 1, params, err);
}
