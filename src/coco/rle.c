/* Reads and measures masks: see rle.h. */
#include "coco/rle.h"

#include "coco/counts.h"
#include "coco/extent.h"
#include "coco/outlines.h"

static void set_measures(struct mask *mask, const struct extent *extent) {
    mask->area = (double)extent->area;
    mask->bbox = extent_box(extent);
}

static bool read_rle(const struct json_value *object, uint32_t node, const struct picture *picture,
                     struct buf *scratch, struct mask *mask, struct skip *skip) {
    struct counts counts;
    struct extent extent = extent_empty;
    mask->kind = MASK_RLE;
    if (!counts_open(&counts, object, node, picture, scratch, skip)) return false;
    mask->size = (struct picture){.width = (int32_t)counts.width, .height = (int32_t)counts.height};
    while (counts_has_next(&counts)) {
        bool ones = counts.index % 2 == 1;
        int64_t start = counts.total;
        int64_t run;
        if (!counts_next(&counts, &run, skip)) return false;
        if (ones && run > 0) extent_add_run(&extent, counts.height, start, run);
    }
    set_measures(mask, &extent);
    return counts_finish(&counts, skip);
}

/* Adds the pixels of a column from one crossing to before another. */
static void add_run(struct extent *extent, const struct polygons *polygons, int64_t start,
                    int64_t end) {
    extent_add_column(extent, polygons_column(polygons, start), polygons_row(polygons, start),
                      polygons_row(polygons, end) - 1);
}

bool rle_measure_polygons(const struct json_value *object, uint32_t node,
                          const struct picture *picture, struct crossings *crossings,
                          struct mask *mask, struct skip *skip) {
    struct polygons polygons;
    struct extent extent = extent_empty;
    int64_t height = 1; /* static analysis does not see that they are set */
    int64_t width = 1;
    size_t count;
    if (!outlines_find_sides(object, node, picture, &height, &width, skip)) return false;
    polygons_init(&polygons, height, width, crossings);
    if (!outlines_draw(object, node, &polygons, skip)) return false;
    const int64_t *ends = polygons_union(&polygons, &count);
    for (size_t i = 0; i < count; i += 2) add_run(&extent, &polygons, ends[i], ends[i + 1]);
    set_measures(mask, &extent);
    return true;
}

bool rle_read(const struct json_value *object, uint32_t node, const struct picture *picture,
              struct buf *scratch, struct mask *mask, struct skip *skip) {
    bool any;
    *mask = (struct mask){.kind = MASK_NONE};
    switch (object->nodes[node].type) {
    case JSON_NULL:
        return true;
    case JSON_ARRAY:
        if (!outlines_check(object, node, &any, skip)) return false;
        if (any) mask->kind = MASK_POLYGONS;
        return true;
    case JSON_OBJECT:
        return read_rle(object, node, picture, scratch, mask, skip);
    default:
        return skip_row(skip, SKIP_INVALID_SEGMENTATION, "segmentation is %s",
                        json_type_name(object->nodes[node].type));
    }
}
