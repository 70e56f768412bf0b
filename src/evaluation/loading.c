/* Takes rows of an evaluation: see loading.h. */
#include "evaluation/loading.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "evaluation/memory.h"
#include "store/columns.h"
#include "store/copy_out.h"

enum {
    FIRST_IDS = 64 /* room for images, and for categories */
};

/* ---- rows -------------------------------------------------------------------------------- */

static bool add_id(int64_t **ids, size_t *count, size_t *cap, int64_t id, struct err *err) {
    int64_t *grown = memory_grow(*ids, *count, cap, sizeof *grown, FIRST_IDS, err);
    if (!grown) return false;
    *ids = grown;
    grown[(*count)++] = id;
    return true;
}

/* Before the id of the image. */
static bool add_picture(struct loading *loading, struct picture picture, struct err *err) {
    size_t count = loading->objects->image_count;
    struct picture *grown =
        memory_grow(loading->pictures, count, &loading->picture_cap, sizeof *grown, FIRST_IDS, err);
    if (!grown) return false;
    loading->pictures = grown;
    grown[count] = picture;
    return true;
}

bool loading_take_image(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    struct picture picture;
    columns_open(&columns, tuple, 3);
    int64_t id = columns_int8(&columns);
    picture.width = columns_int4(&columns);
    picture.height = columns_int4(&columns);
    bool is_needed = loading->settings->iou_type == IOU_SEGM;
    return columns_finish(&columns, err) && (!is_needed || add_picture(loading, picture, err)) &&
           add_id(&loading->objects->image_ids, &loading->objects->image_count, &loading->image_cap,
                  id, err);
}

bool loading_take_category(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 1);
    int64_t id = columns_int8(&columns);
    return columns_finish(&columns, err) &&
           add_id(&loading->objects->category_ids, &loading->objects->category_count,
                  &loading->category_cap, id, err);
}

/* The import has checked both ids against the same images and categories. */
static bool find(struct loading *loading, int64_t image_id, int64_t category_id, uint32_t *image,
                 uint32_t *category, struct err *err) {
    if (!idset_has(&loading->images, image_id) || !idset_has(&loading->categories, category_id)) {
        return err_set(err, ERR_INTERNAL, "a row has an image or a category that does not exist");
    }
    *image = (uint32_t)loading->images.last;
    *category = (uint32_t)loading->categories.last;
    return true;
}

static struct bbox take_box(struct columns *columns) {
    struct bbox bbox;
    bbox.x = columns_float8(columns);
    bbox.y = columns_float8(columns);
    bbox.w = columns_float8(columns);
    bbox.h = columns_float8(columns);
    return bbox;
}

/* Returns no text where the column is null. */
static struct slice take_text(struct columns *columns) {
    return columns_null(columns) ? (struct slice){NULL, 0} : columns_text(columns);
}

static bool take_truth_shape(struct loading *loading, struct truth *truth, struct slice shape,
                             struct slice extra, struct err *err) {
    bool is_unlabelled = false;
    switch (loading->settings->iou_type) {
    case IOU_SEGM:
        return masks_add_truth(&loading->masks, shape, &truth->bbox,
                               &loading->pictures[truth->image], err);
    case IOU_KEYPOINTS:
        if (!poses_add_truth(&loading->poses, shape, extra, truth->annotation_id, &is_unlabelled,
                             err)) {
            return false;
        }
        truth->is_ignored |= is_unlabelled;
        return true;
    default:
        return true;
    }
}

bool loading_take_truth(struct loading *loading, struct slice tuple, struct err *err) {
    static const int counts[IOU_TYPES] = {[IOU_BBOX] = 9, [IOU_SEGM] = 10, [IOU_KEYPOINTS] = 11};
    struct columns columns;
    struct truth truth = {0};
    struct slice shape = {0};
    struct slice extra = {0};
    columns_open(&columns, tuple, counts[loading->settings->iou_type]);
    truth.annotation_id = columns_int8(&columns);
    int64_t image_id = columns_int8(&columns);
    int64_t category_id = columns_int4(&columns);
    truth.bbox = take_box(&columns);
    truth.area = columns_float8(&columns);
    truth.is_crowd = truth.is_ignored = columns_bool(&columns);
    if (loading->settings->iou_type != IOU_BBOX) shape = take_text(&columns);
    if (loading->settings->iou_type == IOU_KEYPOINTS) extra = take_text(&columns);
    return columns_finish(&columns, err) &&
           find(loading, image_id, category_id, &truth.image, &truth.category, err) &&
           take_truth_shape(loading, &truth, shape, extra, err) &&
           objects_add_truth(loading->objects, &truth, err);
}

/* Adds a mask, or keypoints, and sets the area where the column has none. */
static bool take_detection_shape(struct loading *loading, struct detection *detection, int64_t id,
                                 const struct bbox *bbox, struct slice shape, bool has_area,
                                 struct err *err) {
    uint32_t row = (uint32_t)loading->objects->detection_count;
    switch (loading->settings->iou_type) {
    case IOU_SEGM:
        if (!masks_add_detection(&loading->masks, shape, bbox, &loading->pictures[detection->image],
                                 err)) {
            return false;
        }
        if (!has_area) detection->area = masks_area(&loading->masks, row);
        return true;
    case IOU_KEYPOINTS:
        if (!poses_add_detection(&loading->poses, shape, id, err)) return false;
        if (!has_area) detection->area = poses_area(&loading->poses, row);
        return true;
    default:
        return true;
    }
}

bool loading_take_detection(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    struct detection detection = {0};
    struct slice shape = {0};
    bool has_shape = loading->settings->iou_type != IOU_BBOX;
    bool has_area = true;
    columns_open(&columns, tuple, 8 + loading->has_area + has_shape);
    int64_t id = columns_int8(&columns);
    int64_t image_id = columns_int8(&columns);
    int64_t category_id = columns_int4(&columns);
    struct bbox bbox = take_box(&columns);
    detection.score = columns_float8(&columns);
    detection.area = bbox.w * bbox.h;
    if (loading->has_area) {
        has_area = !columns_null(&columns);
        detection.area = has_area ? columns_float8(&columns) : 0;
    }
    if (has_shape) shape = take_text(&columns);
    return columns_finish(&columns, err) &&
           find(loading, image_id, category_id, &detection.image, &detection.category, err) &&
           take_detection_shape(loading, &detection, id, &bbox, shape, has_area, err) &&
           objects_add_detection(loading->objects, &detection, id, &bbox, err);
}

bool loading_take_selected(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 1);
    int64_t id = columns_int8(&columns);
    if (!columns_finish(&columns, err)) return false;
    if (idset_has(&loading->images, id)) loading->selected[loading->images.last] = true;
    return true;
}

/* ---- parts ------------------------------------------------------------------------------- */

void loading_show_rows(const struct loading *loading) {
    const struct objects *objects = loading->objects;
    const struct progress *beside = loading->beside;
    if (!objects) return;
    uint64_t rows = beside ? atomic_load_explicit(&beside->rows, memory_order_relaxed) : 0;
    rows += loading->before + objects->truth_count + objects->detection_count;
    progress_set_rows(loading->progress, rows);
}

static bool read_rows(struct loading *loading, struct copy_out *copy, take_row *take,
                      struct err *err) {
    struct slice tuple;
    bool more;
    for (;;) {
        if (!progress_go_on(loading->progress, err) || !copy_out_next(copy, &tuple, &more, err)) {
            return false;
        }
        if (!more) return true;
        if (!take(loading, tuple, err)) return false;
        loading_show_rows(loading);
    }
}

bool loading_read(struct loading *loading, struct db *db, const char *command, take_row *take,
                  struct err *err) {
    struct copy_out copy;
    bool good = copy_out_open(&copy, db, command, err) && read_rows(loading, &copy, take, err);
    copy_out_close(&copy);
    return good;
}

void loading_know_ids(struct loading *loading) {
    const struct objects *objects = loading->objects;
    loading->images = (struct idset){.ids = objects->image_ids, .count = objects->image_count};
    loading->categories =
        (struct idset){.ids = objects->category_ids, .count = objects->category_count};
}

void loading_init(struct loading *loading) {
    masks_init(&loading->masks);
    poses_init(&loading->poses, loading->settings);
}

void loading_free(struct loading *loading) {
    free(loading->pictures);
    masks_free(&loading->masks);
    poses_free(&loading->poses);
}
