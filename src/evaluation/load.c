/* Reads the rows of an evaluation: see load.h. */
#include "evaluation/load.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation/masks.h"
#include "evaluation/memory.h"
#include "evaluation/overlaps.h"
#include "evaluation/poses.h"
#include "store/catalog.h"
#include "store/columns.h"
#include "store/copy_out.h"
#include "store/rows.h"

static const char rows_sql[] =
    "select part, command, has_area, row_count from coco.evaluation_rows($1, $2, $3, $4, $5, $6)";
static const char selection_sql[] = "select coco.begin_selection($1, $2, $3, $4)";

enum {
    PART,
    COMMAND,
    HAS_AREA,
    ROW_COUNT
};

enum {
    FIRST_IDS = 64 /* room for images, and for categories */
};

struct loading {
    struct objects *objects;
    const struct settings *settings;
    struct progress *progress;
    struct idset images;      /* ids belong to *objects */
    struct idset categories;  /* likewise */
    bool has_area;            /* of detections; otherwise it is that of their box */
    struct picture *pictures; /* by index of image; masks only */
    size_t image_cap;
    size_t category_cap;
    size_t picture_cap;
    struct masks masks;
    struct poses poses;
    uint64_t before;         /* rows that were read for former parts */
    struct progress *beside; /* of a thread that reads, too; NULL: none */
    bool *selected;          /* instead of objects: flags by index of image */
};

/* ---- rows -------------------------------------------------------------------------------- */

typedef bool take_row(struct loading *loading, struct slice tuple, struct err *err);

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

static bool take_image(struct loading *loading, struct slice tuple, struct err *err) {
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

static bool take_category(struct loading *loading, struct slice tuple, struct err *err) {
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

static bool take_truth(struct loading *loading, struct slice tuple, struct err *err) {
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

static bool take_detection(struct loading *loading, struct slice tuple, struct err *err) {
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

static bool take_selected(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 1);
    int64_t id = columns_int8(&columns);
    if (!columns_finish(&columns, err)) return false;
    if (idset_has(&loading->images, id)) loading->selected[loading->images.last] = true;
    return true;
}

/* ---- parts ------------------------------------------------------------------------------- */

/* Counts ground truths and detections, those of the other thread with them. */
static void show_rows(const struct loading *loading) {
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
        show_rows(loading);
    }
}

static bool read_part(struct loading *loading, struct db *db, const char *command, take_row *take,
                      struct err *err) {
    struct copy_out copy;
    bool good = copy_out_open(&copy, db, command, err) && read_rows(loading, &copy, take, err);
    copy_out_close(&copy);
    return good;
}

static void know_ids(struct loading *loading) {
    const struct objects *objects = loading->objects;
    loading->images = (struct idset){.ids = objects->image_ids, .count = objects->image_count};
    loading->categories =
        (struct idset){.ids = objects->category_ids, .count = objects->category_count};
}

static void loading_init(struct loading *loading) {
    masks_init(&loading->masks);
    poses_init(&loading->poses, loading->settings);
}

static void loading_free(struct loading *loading) {
    free(loading->pictures);
    masks_free(&loading->masks);
    poses_free(&loading->poses);
}

/* ---- pieces ------------------------------------------------------------------------------ */

/* The parts in the order in which coco.evaluation_rows gives them. */
enum {
    IMAGES,
    CATEGORIES,
    FIRST_TRUTHS /* of each piece; then the detections of each piece */
};

/* What one connection reads of both sides. */
struct piece {
    const char *truths; /* COPY commands */
    const char *detections;
    bool has_area;
    size_t room; /* for how many detections */
};

static int count_pieces(const struct rows *parts) {
    return (parts->count - FIRST_TRUTHS) / 2;
}

static struct piece piece_of(const struct rows *parts, int i) {
    int pieces = count_pieces(parts);
    int detections = FIRST_TRUTHS + pieces + i;
    size_t rows = (size_t)rows_int64(parts, detections, ROW_COUNT);
    return (struct piece){.truths = rows_text(parts, FIRST_TRUTHS + i, COMMAND),
                          .detections = rows_text(parts, detections, COMMAND),
                          .has_area = rows_bool(parts, detections, HAS_AREA),
                          /* the first piece takes the others up */
                          .room = i == 0 ? rows : rows / (size_t)pieces};
}

static bool read_piece(struct loading *loading, struct db *db, const struct piece *piece,
                       struct err *err) {
    loading->has_area = piece->has_area;
    return objects_reserve(loading->objects, piece->room, err) &&
           read_part(loading, db, piece->truths, take_truth, err) &&
           read_part(loading, db, piece->detections, take_detection, err);
}

/* ---- the second connection --------------------------------------------------------------- */

/* Reads the second halves of both sides into objects of its own. */
struct second {
    struct loading loading;
    struct objects objects;
    struct progress progress; /* only `rows` and `stop` are used */
    struct db *db;
    struct piece piece;
    pthread_t thread;
    bool is_started;
    bool is_good;
    struct err err;
};

static void *run_second(void *self) {
    struct second *second = self;
    second->is_good = db_begin_reading(second->db, &second->err) &&
                      read_piece(&second->loading, second->db, &second->piece, &second->err);
    db_rollback(second->db);
    return NULL;
}

/* If no thread can be started, second_finish does its work. */
static void second_start(struct second *second, const struct loading *first, struct db *db,
                         struct piece piece) {
    *second = (struct second){.loading = *first, .db = db, .piece = piece};
    objects_init(&second->objects);
    loading_init(&second->loading);
    second->loading.objects = &second->objects;
    second->loading.before = 0;
    second->loading.progress = &second->progress;
    second->is_started = pthread_create(&second->thread, NULL, run_second, second) == 0;
}

/* Waits for the thread, and adds what it has read. good: the first half was read; otherwise the
 * second is stopped. */
static bool second_finish(struct second *second, struct loading *first, bool good,
                          struct err *err) {
    if (!good) atomic_store(&second->progress.stop, true);
    if (second->is_started) pthread_join(second->thread, NULL);
    if (good && !second->is_started) run_second(second);
    if (good && !second->is_good) {
        *err = second->err;
        good = false;
    }
    good = good && objects_append(first->objects, &second->objects, err) &&
           masks_append(&first->masks, &second->loading.masks, err) &&
           poses_append(&first->poses, &second->loading.poses, err);
    if (good) show_rows(first);
    objects_free(&second->objects);
    second->loading.pictures = NULL; /* they belong to the first */
    loading_free(&second->loading);
    return good;
}

/* ---- all --------------------------------------------------------------------------------- */

static bool read_halves(struct loading *loading, const struct connections *connections,
                        const struct rows *parts, struct err *err) {
    struct second second;
    struct piece first = piece_of(parts, 0);
    second_start(&second, loading, connections->second, piece_of(parts, 1));
    loading->beside = &second.progress;
    bool good = read_piece(loading, connections->db, &first, err);
    loading->beside = NULL;
    return second_finish(&second, loading, good, err);
}

/* The images and categories come before what refers to them. */
static bool read_parts(struct loading *loading, const struct connections *connections,
                       const struct rows *parts, struct err *err) {
    struct db *db = connections->db;
    if (!read_part(loading, db, rows_text(parts, IMAGES, COMMAND), take_image, err) ||
        !read_part(loading, db, rows_text(parts, CATEGORIES, COMMAND), take_category, err)) {
        return false;
    }
    know_ids(loading);
    if (count_pieces(parts) > 1) return read_halves(loading, connections, parts, err);
    struct piece whole = piece_of(parts, 0);
    return read_piece(loading, db, &whole, err);
}

enum {
    NUMBER_ROOM = 24
};

struct numbers_as_text {
    char dataset_id[NUMBER_ROOM];
    char ground_truth[NUMBER_ROOM];
    char run[NUMBER_ROOM];
    char bounds[3 * NUMBER_ROOM];
};

static void write_numbers(struct numbers_as_text *text, const struct imports *imports) {
    snprintf(text->dataset_id, sizeof text->dataset_id, "%" PRId64, imports->dataset_id);
    snprintf(text->ground_truth, sizeof text->ground_truth, "%" PRId64, imports->ground_truth);
    snprintf(text->run, sizeof text->run, "%" PRId64, imports->run);
}

/* Writes the bounds of the pieces. */
static const char *write_bounds(struct numbers_as_text *text, const struct image_range *range,
                                bool two) {
    if (!range) return NULL;
    if (two) {
        snprintf(text->bounds, sizeof text->bounds, "{%" PRId64 ",%" PRId64 ",%" PRId64 "}",
                 range->first, range->middle, range->last);
    } else {
        snprintf(text->bounds, sizeof text->bounds, "{%" PRId64 ",%" PRId64 "}", range->first,
                 range->last);
    }
    return text->bounds;
}

static bool load_rows(struct loading *loading, const struct connections *connections,
                      const struct imports *imports, const struct image_range *range,
                      struct err *err) {
    struct rows parts;
    struct numbers_as_text text = {.run = ""};
    bool two = connections->second;
    write_numbers(&text, imports);
    const char *params[] = {text.dataset_id, text.ground_truth,
                            text.run,        iou_type_name(loading->settings->iou_type),
                            two ? "2" : "1", write_bounds(&text, range, two)};
    progress_enter(loading->progress, PROGRESS_READ);
    bool good = rows_query(&parts, connections->db, rows_sql, 6, params, err) &&
                read_parts(loading, connections, &parts, err);
    rows_free(&parts);
    return good;
}

/* Frees what only reading needs, and keeps what users should know. */
static void finish_reading(struct loading *loading) {
    struct objects *objects = loading->objects;
    masks_finish(&loading->masks);
    poses_finish(&loading->poses);
    free(loading->pictures);
    loading->pictures = NULL;
    objects->notes.truths_without_mask = loading->masks.truths_without;
    objects->notes.unreadable_shapes = loading->masks.unreadable + loading->poses.unreadable;
    objects->notes.masks_without_image_size = loading->masks.unsized;
    objects->notes.detections_without_keypoints = loading->poses.detections_without;
}

static bool fill_overlaps(struct loading *loading, unsigned threads, struct err *err) {
    static overlap_function *const functions[IOU_TYPES] = {[IOU_BBOX] = overlap_of_boxes,
                                                           [IOU_SEGM] = overlap_of_masks,
                                                           [IOU_KEYPOINTS] = overlap_of_poses};
    const void *const selves[IOU_TYPES] = {
        [IOU_SEGM] = &loading->masks, [IOU_KEYPOINTS] = &loading->poses};
    enum iou_type type = loading->settings->iou_type;
    return overlaps_fill(loading->objects, settings_depth(loading->settings), functions[type],
                         selves[type], threads, loading->progress, err);
}

bool load_objects(struct objects *objects, const struct connections *connections,
                  const struct imports *imports, const struct image_range *range,
                  const struct settings *settings, unsigned threads, struct progress *progress,
                  uint64_t *rows, struct err *err) {
    struct loading loading = {
        .objects = objects, .settings = settings, .progress = progress, .before = *rows};
    objects_init(objects);
    loading_init(&loading);
    bool good = load_rows(&loading, connections, imports, range, err);
    *rows += objects->truth_count + objects->detection_count;
    finish_reading(&loading);
    progress_enter(progress, PROGRESS_COMPUTE);
    good = good && objects_sort(objects, threads, err) && fill_overlaps(&loading, threads, err);
    loading_free(&loading);
    if (good) objects_drop_boxes(objects);
    return good;
}

bool load_selection(bool *images, const struct objects *objects, struct db *db,
                    const struct imports *imports, const struct image_range *range,
                    const char *split, const char *slice, struct progress *progress,
                    struct err *err) {
    struct loading loading = {.progress = progress};
    struct rows command;
    char dataset_id[NUMBER_ROOM], first[NUMBER_ROOM], last[NUMBER_ROOM];
    snprintf(dataset_id, sizeof dataset_id, "%" PRId64, imports->dataset_id);
    if (range) snprintf(first, sizeof first, "%" PRId64, range->first);
    if (range) snprintf(last, sizeof last, "%" PRId64, range->last);
    const char *dataset[] = {dataset_id};
    const char *params[] = {split, slice, range ? first : NULL, range ? last : NULL};
    loading.selected = images;
    loading.images = (struct idset){.ids = objects->image_ids, .count = objects->image_count};
    if (!db_execute(db, "select coco.begin_export($1)", 1, dataset, err)) return false;
    bool good = rows_query(&command, db, selection_sql, 4, params, err) &&
                read_part(&loading, db, rows_text(&command, 0, 0), take_selected, err);
    rows_free(&command);
    return good;
}
